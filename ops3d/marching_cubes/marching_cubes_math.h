// The cells and vertices of marching_cubes, for CPU and CUDA.
//
// The surface cuts an edge of the grid where one end is below the isolevel and the other is not. There lies a vertex,
// owned by the edge's lower end; but where an end equals the isolevel, that point itself is the vertex, one for all its
// edges, and the triangles that shrink to a line or a point are left out.
#pragma once
#include <bisque/core/ops/host_device.h>
#include <bisque/ops3d/marching_cubes/marching_cubes_kernels.h>
#include <bisque/ops3d/marching_cubes/marching_cubes_table.h>

namespace bisque {

BISQUE_HOST_DEVICE inline int bits_in(uint32_t word) {
#ifdef __CUDA_ARCH__
  return __popc(word);
#else
  return __builtin_popcount(word);
#endif
}

/// A grid point, or the cell that lies above it in x, y and z.
struct GridPoint {
  int64_t volume, z, y, x;
};

/// Where a unit of work lies: points 32 word up to 32 word + 31 of a row.
struct UnitPlace {
  int64_t volume, z, y, word;
};

template <class T>
BISQUE_HOST_DEVICE inline UnitPlace place_of(const MarchingCubesParams<T>& p, int64_t unit) {
  const int64_t row = unit / p.words(), slice = row / p.H;
  return {slice / p.D, slice % p.D, row % p.H, unit % p.words()};
}

template <class T>
BISQUE_HOST_DEVICE inline int64_t row_of(const MarchingCubesParams<T>& p, int64_t volume, int64_t z, int64_t y) {
  return (volume * p.D + z) * p.H + y;
}

/// The bits of a word's points, and of the points that follow each.
struct BitPair {
  uint32_t here, right;
};

template <class T>
BISQUE_HOST_DEVICE inline BitPair bits_at(const MarchingCubesParams<T>& p, const uint32_t* bits, int64_t row,
                                          int64_t word) {
  const uint32_t* at = bits + row * p.words() + word;
  const uint32_t next = word + 1 < p.words() ? at[1] : 0;
  return {at[0], at[0] >> 1 | next << 31};
}

/// The points of a word after which there is another in the row.
template <class T>
BISQUE_HOST_DEVICE inline uint32_t inner_points(const MarchingCubesParams<T>& p, int64_t word) {
  const int64_t left = p.W - 1 - 32 * word;
  return left >= 32 ? ~0u : left <= 0 ? 0u : (1u << left) - 1;
}

// --- Cells --------------------------------------------------------------------------------------------------------

/// The corners of a cell that are below and at the isolevel: bit c for corner c.
struct Cell {
  uint32_t below, at;
};

/// The corners of a unit's 32 cells: by rows dy + 2 dz.
struct CellBits {
  BitPair below[4], at[4];
};

template <class T>
BISQUE_HOST_DEVICE inline CellBits cells_of(const MarchingCubesParams<T>& p, const UnitPlace& place) {
  CellBits cells;
  for (int i = 0; i < 4; ++i) {
    const int64_t row = row_of(p, place.volume, place.z + i / 2, place.y + i % 2);
    cells.below[i] = bits_at(p, p.below, row, place.word);
    cells.at[i] = bits_at(p, p.at, row, place.word);
  }
  return cells;
}

/// Whether the row of a unit has cells.
template <class T>
BISQUE_HOST_DEVICE inline bool has_cells(const MarchingCubesParams<T>& p, const UnitPlace& place) {
  return place.y + 1 < p.H && place.z + 1 < p.D;
}

/// The cells that the surface passes through.
template <class T>
BISQUE_HOST_DEVICE inline uint32_t cut_cells(const MarchingCubesParams<T>& p, const UnitPlace& place,
                                             const CellBits& cells) {
  uint32_t any = 0, all = ~0u;
  for (int i = 0; i < 4; ++i) {
    any |= cells.below[i].here | cells.below[i].right;
    all &= cells.below[i].here & cells.below[i].right;
  }
  return any & ~all & inner_points(p, place.word);
}

BISQUE_HOST_DEVICE inline Cell cell_of(const CellBits& cells, int i) {
  Cell cell = {0, 0};
  for (int row = 0; row < 4; ++row) {
    cell.below |= (cells.below[row].here >> i & 1) << 2 * row | (cells.below[row].right >> i & 1) << (2 * row + 1);
    cell.at |= (cells.at[row].here >> i & 1) << 2 * row | (cells.at[row].right >> i & 1) << (2 * row + 1);
  }
  return cell;
}

/// Names a vertex within a cell: corner c by c, a point on edge e by 8 + e.
BISQUE_HOST_DEVICE inline int vertex_on(const Cell& cell, int edge) {
  const int lower = edge_corner(edge), upper = lower | 1 << edge_axis(edge);
  return cell.at >> lower & 1 ? lower : cell.at >> upper & 1 ? upper : 8 + edge;
}

/// Calls visit(a, b, c) with the vertices of each triangle of a cell, none of which are the same.
template <class Visit>
BISQUE_HOST_DEVICE inline void each_triangle(const MarchingCubesTable& table, const Cell& cell, const Visit& visit) {
  uint64_t edges = table.cases[cell.below];
  for (int count = static_cast<int>(edges >> 60); count > 0; --count, edges >>= 12) {
    const int a = vertex_on(cell, edges & 15), b = vertex_on(cell, edges >> 4 & 15),
              c = vertex_on(cell, edges >> 8 & 15);
    if (a != b && b != c && c != a) visit(a, b, c);
  }
}

BISQUE_HOST_DEVICE inline int count_triangles(const MarchingCubesTable& table, const Cell& cell) {
  if (cell.at == 0) return static_cast<int>(table.cases[cell.below] >> 60);
  int count = 0;
  each_triangle(table, cell, [&](int, int, int) { ++count; });
  return count;
}

// --- Grid points that are vertices --------------------------------------------------------------------------------

/// The points at the isolevel that have a point below it among their 26 neighbours: no other can be a vertex.
template <class T>
BISQUE_HOST_DEVICE inline uint32_t possible_corners(const MarchingCubesParams<T>& p, const UnitPlace& place) {
  const int64_t row = row_of(p, place.volume, place.z, place.y);
  const uint32_t at = p.at[row * p.words() + place.word];
  if (at == 0) return 0;
  uint32_t near = 0;
  for (int64_t dz = -1; dz <= 1; ++dz) {
    for (int64_t dy = -1; dy <= 1; ++dy) {
      const int64_t z = place.z + dz, y = place.y + dy;
      if (z < 0 || z >= p.D || y < 0 || y >= p.H) continue;
      const int64_t other = row_of(p, place.volume, z, y);
      const BitPair bits = bits_at(p, p.below, other, place.word);
      const uint32_t before = place.word > 0 ? p.below[other * p.words() + place.word - 1] : 0;
      near |= bits.here | bits.right | bits.here << 1 | before >> 31;
    }
  }
  return at & near;
}

/// Whether a triangle of the cells around a point at the isolevel has it as a corner.
template <class T>
BISQUE_HOST_DEVICE inline bool is_corner(const MarchingCubesParams<T>& p, const MarchingCubesTable& table,
                                         const GridPoint& point) {
  bool used = false;
  for (int corner = 0; corner < 8 && !used; ++corner) {
    const int64_t x = point.x - (corner & 1), y = point.y - (corner >> 1 & 1), z = point.z - (corner >> 2);
    if (x < 0 || y < 0 || z < 0 || x + 1 >= p.W || y + 1 >= p.H || z + 1 >= p.D) continue;
    const Cell cell = cell_of(cells_of(p, {point.volume, z, y, x / 32}), static_cast<int>(x % 32));
    each_triangle(table, cell, [&](int a, int b, int c) { used |= a == corner || b == corner || c == corner; });
  }
  return used;
}

// --- Vertices -----------------------------------------------------------------------------------------------------

/// The vertices of a unit: its points, and points on the edges that leave them along x, y and z. In the order of the
/// points, and of these four for one point.
struct UnitVerts {
  uint32_t masks[4];
  int64_t first;  // the index of the first, within its mesh
};

/// Without their index. `corners` are the points that are vertices.
template <class T>
BISQUE_HOST_DEVICE inline UnitVerts vert_masks_of(const MarchingCubesParams<T>& p, const UnitPlace& place,
                                                  uint32_t corners) {
  const int64_t row = row_of(p, place.volume, place.z, place.y), unit = row * p.words() + place.word;
  const BitPair below = bits_at(p, p.below, row, place.word), at = bits_at(p, p.at, row, place.word);
  const int64_t along_y = unit + p.words(), along_z = unit + p.H * p.words();
  UnitVerts verts = {{corners, 0, 0, 0}, 0};
  verts.masks[1] = (below.here ^ below.right) & ~(at.here | at.right) & inner_points(p, place.word);
  if (place.y + 1 < p.H) verts.masks[2] = (below.here ^ p.below[along_y]) & ~(at.here | p.at[along_y]);
  if (place.z + 1 < p.D) verts.masks[3] = (below.here ^ p.below[along_z]) & ~(at.here | p.at[along_z]);
  return verts;
}

template <class T>
BISQUE_HOST_DEVICE inline UnitVerts verts_of(const MarchingCubesParams<T>& p, const UnitPlace& place) {
  const int64_t volume = place.volume * p.D * p.H * p.words();
  const int64_t unit = row_of(p, place.volume, place.z, place.y) * p.words() + place.word;
  UnitVerts verts = vert_masks_of(p, place, p.corners[unit]);
  verts.first = p.vert_offsets[unit] - p.vert_offsets[volume];
  return verts;
}

BISQUE_HOST_DEVICE inline int count_verts(const UnitVerts& verts) {
  return bits_in(verts.masks[0]) + bits_in(verts.masks[1]) + bits_in(verts.masks[2]) + bits_in(verts.masks[3]);
}

/// The index of a vertex within its mesh: the point i of a unit (kind 0), or the point on its edge along axis kind - 1.
BISQUE_HOST_DEVICE inline int64_t vert_index(const UnitVerts& verts, int i, int kind) {
  const uint32_t before = (1u << i) - 1;
  int64_t index = verts.first;
  for (int k = 0; k < 4; ++k) index += bits_in(verts.masks[k] & (k < kind ? before << 1 | 1 : before));
  return index;
}

/// The units around a unit's cells: by rows dy + 2 dz, the unit in that row and the one after it.
struct CellVerts {
  UnitVerts units[4][2];
};

/// `last_cell`: the cell of bit 31 is needed, which reaches into the next units.
template <class T>
BISQUE_HOST_DEVICE inline CellVerts cell_verts_of(const MarchingCubesParams<T>& p, const UnitPlace& place,
                                                  bool last_cell) {
  CellVerts verts;
  for (int i = 0; i < 4; ++i) {
    UnitPlace row = {place.volume, place.z + i / 2, place.y + i % 2, place.word};
    verts.units[i][0] = verts_of(p, row);
    ++row.word;
    if (last_cell) verts.units[i][1] = verts_of(p, row);
  }
  return verts;
}

/// The index of what vertex_on names in the cell of bit i.
BISQUE_HOST_DEVICE inline int64_t cell_vert_index(const CellVerts& verts, int i, int name) {
  const int corner = name < 8 ? name : edge_corner(name - 8), kind = name < 8 ? 0 : 1 + edge_axis(name - 8);
  const int x = i + (corner & 1);
  return vert_index(verts.units[corner >> 1][x >> 5], x & 31, kind);
}

/// Writes a vertex of kind `kind` at a point. A distance along an edge that is not a number (between infinities, or
/// NaN) is its middle.
template <class T>
BISQUE_HOST_DEVICE inline void write_vert(const MarchingCubesParams<T>& p, const GridPoint& point, int kind, T* out) {
  T position[3] = {static_cast<T>(point.x), static_cast<T>(point.y), static_cast<T>(point.z)};
  if (kind > 0) {
    const int64_t i = row_of(p, point.volume, point.z, point.y) * p.W + point.x;
    const int64_t step = kind == 1 ? 1 : kind == 2 ? p.W : p.W * p.H;
    const T value = p.vol[i];
    const T along = (p.isolevels[point.volume] - value) / (p.vol[i + step] - value);
    position[kind - 1] += along >= 0 && along <= 1 ? along : T(0.5);
  }
  const int64_t sizes[3] = {p.W, p.H, p.D};
  for (int k = 0; k < 3; ++k) {
    // A division between product and sum: no compiler can fuse these, so that CPU and CUDA agree.
    out[k] = p.return_local_coords ? 2 * position[k] / static_cast<T>(sizes[k] - 1) - 1 : position[k];
  }
}

}  // namespace bisque
