// cubify, for CPU and CUDA. No torch, no CUDA.
//
// Whether a voxel is solid is kept as bits: a word holds 32 neighbours along z, since results are in the order y, x, z.
// A word of the columns of grid corners, [N, H + 1, W + 1, words], is a unit of work. It has the corners of the unit's
// vertices, and the voxels whose least corners they are.
#pragma once
#include <array>
#include <cstdint>

#include <bisque/core/ops/each.h>

namespace bisque {

BISQUE_HOST_DEVICE inline int count_bits(uint32_t word) {
#ifdef __CUDA_ARCH__
  return __popc(word);
#else
  return __builtin_popcount(word);
#endif
}

template <class T>
struct Cubify {
  const T* voxels;  // [N, D, H, W]
  double thresh;
  int64_t align;            // CubifyAlign
  bool return_face_voxels;  // else face_voxels is null
  T* verts;                 // [V, 3]
  int64_t* faces;           // [F, 3]
  int64_t* face_voxels;     // [F]
  int64_t* num_verts;       // [N]
  int64_t* num_faces;       // [N]
  uint32_t* solid;          // [N, H, words, W]
  uint32_t* vert_masks;     // [units] the corners that are vertices
  int64_t* vert_offsets;    // [units + 1] counts, then their sums before each, then all
  int64_t* face_offsets;    // [units + 1]
  int64_t* sums;            // of CUDA
  int64_t N, D, H, W, V, F;

  BISQUE_HOST_DEVICE int64_t words() const { return (D + 32) >> 5; }  // of the D + 1 corners of a column
  BISQUE_HOST_DEVICE int64_t units_of_mesh() const { return (H + 1) * (W + 1) * words(); }

  template <class On>
  std::array<int64_t, 2> count(const On& on) const;
  template <class On>
  void run(const On& on) const;
};

// --- Solid voxels -------------------------------------------------------------------------------------------------

/// The words [first, last) of a row of solid, of which there are N H words.
template <class T>
BISQUE_HOST_DEVICE inline void find_solid(const Cubify<T>& p, int64_t row, int64_t first, int64_t last) {
  const int64_t begin = 32 * (row % p.words()), y = row / p.words() % p.H, mesh = row / p.words() / p.H;
  const int64_t end = begin + 32 < p.D ? begin + 32 : p.D;
  const T thresh = static_cast<T>(p.thresh);
  uint32_t* solid = p.solid + row * p.W;
  for (int64_t x = first; x < last; ++x) solid[x] = 0;
  for (int64_t z = begin; z < end; ++z) {
    const T* voxels = p.voxels + ((mesh * p.D + z) * p.H + y) * p.W;
    const uint32_t bit = 1u << (z - begin);
    for (int64_t x = first; x < last; ++x) solid[x] |= voxels[x] >= thresh ? bit : 0u;
  }
}

template <class T>
BISQUE_HOST_DEVICE inline void find_solid_row(const Cubify<T>& p, int64_t row) {
  find_solid(p, row, 0, p.W);
}
template <class T>
BISQUE_HOST_DEVICE inline void find_solid_word(const Cubify<T>& p, int64_t row, int64_t x) {
  find_solid(p, row, x, x + 1);
}

// The CPU reads rows of voxels as they lie; on CUDA neighbouring threads do.
template <class T>
void find_all_solid(const OnCpu& on, const Cubify<T>& p) {
  each<find_solid_row<T>, 8>(on, p, p.N * p.H * p.words());
}
template <class T>
void find_all_solid(const OnCuda& on, const Cubify<T>& p) {
  each<find_solid_word<T>>(on, p, p.N * p.H * p.words(), p.W);
}

// --- Units --------------------------------------------------------------------------------------------------------

/// A unit: the corners (x, y, z) and the voxels (x, y, z) with z in [32 word, 32 word + 32).
struct CubifyUnit {
  int64_t index, mesh, y, x, word;
};

template <class T>
BISQUE_HOST_DEVICE inline CubifyUnit cubify_unit(const Cubify<T>& p, int64_t index) {
  const int64_t column = index / p.words(), row = column / (p.W + 1);
  return {index, row / (p.H + 1), row % (p.H + 1), column % (p.W + 1), index % p.words()};
}

/// The solid voxels of a unit, and for each of these bits the voxel before it and after it along z.
struct CubifyColumn {
  uint32_t here, before, after;
};

/// Of the column at an offset from a unit's; there is none outside the grid.
template <class T>
BISQUE_HOST_DEVICE inline CubifyColumn cubify_column(const Cubify<T>& p, const CubifyUnit& unit, int dx, int dy) {
  const int64_t x = unit.x + dx, y = unit.y + dy;
  if (x < 0 || x >= p.W || y < 0 || y >= p.H) return {0, 0, 0};
  const uint32_t* word = p.solid + ((unit.mesh * p.H + y) * p.words() + unit.word) * p.W + x;
  const uint32_t previous = unit.word > 0 ? word[-p.W] : 0, next = unit.word + 1 < p.words() ? word[p.W] : 0;
  return {word[0], word[0] << 1 | previous >> 31, word[0] >> 1 | next << 31};
}

/// The corners of a unit where solid and empty voxels meet.
template <class T>
BISQUE_HOST_DEVICE inline uint32_t cubify_vert_mask(const Cubify<T>& p, const CubifyUnit& unit) {
  uint32_t any = 0, all = ~0u;
  for (int i = 0; i < 4; ++i) {
    const CubifyColumn column = cubify_column(p, unit, -(i & 1), -(i >> 1));
    any |= column.here | column.before;
    all &= column.here & column.before;
  }
  return any & ~all;
}

/// The solid voxels of a unit with an empty neighbour, by side: x - 1, y + 1, z - 1, y - 1, x + 1, z + 1.
struct CubifySides {
  uint32_t masks[6];
};

template <class T>
BISQUE_HOST_DEVICE inline CubifySides cubify_sides(const Cubify<T>& p, const CubifyUnit& unit) {
  const CubifyColumn own = cubify_column(p, unit, 0, 0);
  if (own.here == 0) return {};
  return {{own.here & ~cubify_column(p, unit, -1, 0).here, own.here & ~cubify_column(p, unit, 0, 1).here,
           own.here & ~own.before, own.here & ~cubify_column(p, unit, 0, -1).here,
           own.here & ~cubify_column(p, unit, 1, 0).here, own.here & ~own.after}};
}

template <class T>
BISQUE_HOST_DEVICE inline void count_cubify_unit(const Cubify<T>& p, int64_t index) {
  const CubifyUnit unit = cubify_unit(p, index);
  const uint32_t verts = cubify_vert_mask(p, unit);
  int faces = 0;
  for (const uint32_t mask : cubify_sides(p, unit).masks) faces += 2 * count_bits(mask);
  p.vert_masks[index] = verts;
  p.vert_offsets[index] = count_bits(verts);
  p.face_offsets[index] = faces;
}

template <class T>
BISQUE_HOST_DEVICE inline void count_cubify_mesh(const Cubify<T>& p, int64_t mesh) {
  const int64_t first = mesh * p.units_of_mesh(), last = first + p.units_of_mesh();
  p.num_verts[mesh] = p.vert_offsets[last] - p.vert_offsets[first];
  p.num_faces[mesh] = p.face_offsets[last] - p.face_offsets[first];
}

// --- Writing ------------------------------------------------------------------------------------------------------

template <class T>
BISQUE_HOST_DEVICE inline void write_cubify_vert(const Cubify<T>& p, const CubifyUnit& unit, int bit, T* out) {
  const int64_t corner[3] = {unit.x, unit.y, 32 * unit.word + bit}, sizes[3] = {p.W, p.H, p.D};
  for (int k = 0; k < 3; ++k) {
    const T position = static_cast<T>(corner[k]) - (p.align == 2 ? T(0.5) : T(0));
    const int64_t steps = p.align == 1 || sizes[k] == 1 ? sizes[k] : sizes[k] - 1;
    out[k] = 2 * position / static_cast<T>(steps) - 1;
  }
}

/// The vertex at a corner of the voxel of a bit, within its mesh. Corners are 4 dx + 2 dy + dz.
template <class T>
BISQUE_HOST_DEVICE inline int64_t cubify_vert_index(const Cubify<T>& p, const CubifyUnit& unit, int bit, int corner) {
  const int64_t column = (corner >> 2 & 1) + (corner >> 1 & 1) * (p.W + 1), z = bit + (corner & 1);
  const int64_t index = unit.index + column * p.words() + (z >> 5);
  const uint32_t before = (1u << (z & 31)) - 1;
  return p.vert_offsets[index] - p.vert_offsets[unit.mesh * p.units_of_mesh()] +
         count_bits(p.vert_masks[index] & before);
}

/// The faces of the voxel of a bit, two for each side that is set; returns how many.
template <class T>
BISQUE_HOST_DEVICE inline int write_cubify_faces(const Cubify<T>& p, const CubifyUnit& unit, const CubifySides& sides,
                                                 int bit, int64_t* out) {
  // Corners as octal digits: counter-clockwise seen from outside.
  const int triangles[12] = {0012, 0132, 0236, 0376, 0026, 0064, 0051, 0045, 0675, 0654, 0173, 0157};
  int64_t verts[8];
  for (int corner = 0; corner < 8; ++corner) verts[corner] = cubify_vert_index(p, unit, bit, corner);
  int count = 0;
  for (int i = 0; i < 12; ++i) {
    if (!(sides.masks[i / 2] >> bit & 1)) continue;
    out[3 * count] = verts[triangles[i] >> 6];
    out[3 * count + 1] = verts[triangles[i] >> 3 & 7];
    out[3 * count + 2] = verts[triangles[i] & 7];
    ++count;
  }
  return count;
}

template <class T>
BISQUE_HOST_DEVICE inline void write_cubify_unit(const Cubify<T>& p, int64_t index) {
  const uint32_t verts = p.vert_masks[index];
  int64_t face = p.face_offsets[index];
  const bool has_faces = face < p.face_offsets[index + 1];
  if (verts == 0 && !has_faces) return;
  const CubifyUnit unit = cubify_unit(p, index);
  const CubifySides sides = has_faces ? cubify_sides(p, unit) : CubifySides{};
  uint32_t exposed = 0;
  for (const uint32_t mask : sides.masks) exposed |= mask;
  T* vert = p.verts + 3 * p.vert_offsets[index];
  for (uint32_t left = verts | exposed; left != 0; left &= left - 1) {
    const int bit = count_bits(~left & (left - 1));  // the lowest that is set
    if (verts >> bit & 1) {
      write_cubify_vert(p, unit, bit, vert);
      vert += 3;
    }
    if (!(exposed >> bit & 1)) continue;
    const int64_t end = face + write_cubify_faces(p, unit, sides, bit, p.faces + 3 * face);
    const int64_t voxel = ((unit.mesh * p.D + 32 * unit.word + bit) * p.H + unit.y) * p.W + unit.x;
    for (int64_t i = face; i < end && p.face_voxels; ++i) p.face_voxels[i] = voxel;
    face = end;
  }
}

template <class T>
template <class On>
std::array<int64_t, 2> Cubify<T>::count(const On& on) const {
  const int64_t units = N * units_of_mesh();
  find_all_solid(on, *this);
  each<count_cubify_unit<T>, 512>(on, *this, units);
  const int64_t all_verts = exclusive_scan(on, vert_offsets, units, sums);
  const int64_t all_faces = exclusive_scan(on, face_offsets, units, sums);
  each<count_cubify_mesh<T>>(on, *this, N);
  return {all_verts, all_faces};
}

template <class T>
template <class On>
void Cubify<T>::run(const On& on) const {
  each<write_cubify_unit<T>, 256>(on, *this, N * units_of_mesh());
}

}  // namespace bisque
