// One vertex of blendshapes, for CPU and CUDA.
#pragma once
#include <bisque/core/ops/host_device.h>
#include <bisque/ops3d/blendshapes/blendshapes_params.h>

namespace bisque {

template <class T>
BISQUE_HOST_DEVICE inline void blend_vertex(const BlendshapesParams<T>& p, int64_t frame, int64_t vert) {
  const T* coefficients = p.coefficients + frame * p.num_shapes;
  T x = p.neutral[3 * vert], y = p.neutral[3 * vert + 1], z = p.neutral[3 * vert + 2];
  int64_t first = p.vert_first[vert], last = p.vert_first[vert + 1];
  if (first < 0) first = 0;
  if (last > p.num_deltas) last = p.num_deltas;
  for (int64_t d = first; d < last; ++d) {
    const int32_t shape = p.delta_shape[d];
    if (static_cast<uint32_t>(shape) >= static_cast<uint64_t>(p.num_shapes)) continue;
    const T c = coefficients[shape];
    x += c * p.deltas[3 * d];
    y += c * p.deltas[3 * d + 1];
    z += c * p.deltas[3 * d + 2];
  }
  T* out = p.verts + 3 * (frame * p.num_verts + vert);
  out[0] = x;
  out[1] = y;
  out[2] = z;
}

}  // namespace bisque
