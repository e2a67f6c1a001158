// What the CPU kernels of blendshapes and its gradient share.
#pragma once
#include <algorithm>
#include <cstdint>

namespace bisque {

/// Four lanes, the same on every machine, so that sums never depend on its vectors' width.
template <class T>
struct Vec4Of {
  typedef T type __attribute__((vector_size(4 * sizeof(T))));
};
template <class T>
using Vec4 = typename Vec4Of<T>::type;

constexpr int kQuads = 2;  // vectors that hold a number of each of eight frames

/// Whether all rows of these vertices may be read without looking.
template <class Params>
bool well_formed(const Params& p, int64_t first_vert, int64_t last_vert) {
  for (int64_t vert = first_vert; vert < last_vert; ++vert) {
    if (p.vert_first[vert] < 0 || p.vert_first[vert] > p.vert_first[vert + 1]) return false;
  }
  if (p.vert_first[last_vert] > p.num_deltas) return false;
  uint32_t highest = 0;
  for (int64_t row = p.vert_first[first_vert]; row < p.vert_first[last_vert]; ++row) {
    highest = std::max(highest, static_cast<uint32_t>(p.delta_shape[row]));
  }
  return highest < static_cast<uint64_t>(p.num_shapes);
}

}  // namespace bisque
