#include <limits>
#include <vector>

#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/marching_cubes/marching_cubes_math.h>

namespace bisque {
namespace {

constexpr MarchingCubesTable kTable = make_marching_cubes_table();

// Calls visit(i) for each bit i that is set.
template <class Visit>
void each_bit(uint32_t word, const Visit& visit) {
  for (; word != 0; word &= word - 1) visit(__builtin_ctz(word));
}

template <class T>
T halfway(const MarchingCubesParams<T>& p, int64_t volume) {
  constexpr int64_t kPart = 1 << 16;
  const int64_t size = p.D * p.H * p.W;
  const T* numbers = p.vol + volume * size;
  std::vector<Extremes<T>> parts(static_cast<size_t>((size + kPart - 1) / kPart));
  op::parallel_for(static_cast<int64_t>(parts.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      parts[i] = extremes_of(numbers + i * kPart, std::min(kPart, size - i * kPart));
    }
  });
  Extremes<T> all = parts[0];
  for (const Extremes<T>& part : parts) {
    all = {std::min(all.least, part.least), std::max(all.greatest, part.greatest)};
  }
  return T(0.5) * all.least + T(0.5) * all.greatest;
}

template <class T>
void count_unit(const MarchingCubesParams<T>& p, int64_t unit) {
  const UnitPlace place = place_of(p, unit);
  int64_t faces = 0;
  if (has_cells(p, place)) {
    const CellBits cells = cells_of(p, place);
    each_bit(cut_cells(p, place, cells), [&](int i) { faces += count_triangles(kTable, cell_of(cells, i)); });
  }
  uint32_t corners = 0;
  each_bit(possible_corners(p, place), [&](int i) {
    if (is_corner(p, kTable, {place.volume, place.z, place.y, 32 * place.word + i})) corners |= 1u << i;
  });
  p.corners[unit] = corners;
  p.face_offsets[unit] = faces;
  p.vert_offsets[unit] = count_verts(vert_masks_of(p, place, corners));
}

// Turns counts into sums before each; the last entry is the sum of all.
void exclusive_scan(int64_t* counts, int64_t size) {
  int64_t sum = 0;
  for (int64_t i = 0; i < size; ++i) {
    const int64_t count = counts[i];
    counts[i] = sum;
    sum += count;
  }
  counts[size] = sum;
}

template <class T>
void write_unit(const MarchingCubesParams<T>& p, int64_t unit) {
  const UnitPlace place = place_of(p, unit);
  T* vert = p.verts + 3 * p.vert_offsets[unit];
  const UnitVerts own = verts_of(p, place);
  each_bit(own.masks[0] | own.masks[1] | own.masks[2] | own.masks[3], [&](int i) {
    for (int kind = 0; kind < 4; ++kind) {
      if (!(own.masks[kind] >> i & 1)) continue;
      write_vert(p, {place.volume, place.z, place.y, 32 * place.word + i}, kind, vert);
      vert += 3;
    }
  });
  if (p.face_offsets[unit] == p.face_offsets[unit + 1]) return;
  const CellBits cells = cells_of(p, place);
  const uint32_t cut = cut_cells(p, place, cells);
  const CellVerts around = cell_verts_of(p, place, cut >> 31);
  int64_t* face = p.faces + 3 * p.face_offsets[unit];
  each_bit(cut, [&](int i) {
    each_triangle(kTable, cell_of(cells, i), [&](int a, int b, int c) {
      face[0] = cell_vert_index(around, i, a);
      face[1] = cell_vert_index(around, i, b);
      face[2] = cell_vert_index(around, i, c);
      face += 3;
    });
  });
}

}  // namespace

template <class T>
std::array<int64_t, 2> MarchingCubesParams<T>::count(const OnCpu&) const {
  if (!has_cells()) {
    std::fill_n(num_verts, N, int64_t{0});
    std::fill_n(num_faces, N, int64_t{0});
    return {0, 0};
  }
  for (int64_t i = 0; i < N; ++i) isolevels[i] = auto_isolevel() ? halfway(*this, i) : static_cast<T>(isolevel);
  op::parallel_for(N * D * H, 256, [&](int64_t begin, int64_t end) { marching_cubes_classify(*this, begin, end); });
  op::parallel_for(units(), 512, [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) count_unit(*this, unit);
  });
  exclusive_scan(vert_offsets, units());
  exclusive_scan(face_offsets, units());
  const int64_t per_volume = D * H * words();
  for (int64_t i = 0; i < N; ++i) {
    num_verts[i] = vert_offsets[(i + 1) * per_volume] - vert_offsets[i * per_volume];
    num_faces[i] = face_offsets[(i + 1) * per_volume] - face_offsets[i * per_volume];
  }
  return {vert_offsets[units()], face_offsets[units()]};
}

template <class T>
void MarchingCubesParams<T>::run(const OnCpu&) const {
  if (!has_cells()) return;
  op::parallel_for(units(), 512, [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      if (vert_offsets[unit] < vert_offsets[unit + 1] || face_offsets[unit] < face_offsets[unit + 1]) {
        write_unit(*this, unit);
      }
    }
  });
}

template std::array<int64_t, 2> MarchingCubesParams<float>::count(const OnCpu&) const;
template void MarchingCubesParams<float>::run(const OnCpu&) const;
template std::array<int64_t, 2> MarchingCubesParams<double>::count(const OnCpu&) const;
template void MarchingCubesParams<double>::run(const OnCpu&) const;

}  // namespace bisque
