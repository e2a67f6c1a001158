// The rows of a vertex and the gradient of one, for CPU and CUDA.
#pragma once
#include <bisque/core/ops/host_device.h>
#include <bisque/ops3d/blendshapes/blendshapes_backward_params.h>

namespace bisque {

struct RowRange {
  int64_t first, last;
};

/// The rows of vertices `first_vert` up to `last_vert`, none out of bounds.
template <class T>
BISQUE_HOST_DEVICE inline RowRange rows_of(const BlendshapesBackwardParams<T>& p, int64_t first_vert,
                                           int64_t last_vert) {
  const int64_t first = p.vert_first[first_vert], last = p.vert_first[last_vert];
  return {first < 0 ? 0 : first, last > p.num_deltas ? p.num_deltas : last};
}

template <class T>
BISQUE_HOST_DEVICE inline bool known_shape(const BlendshapesBackwardParams<T>& p, int64_t row) {
  return static_cast<uint32_t>(p.delta_shape[row]) < static_cast<uint64_t>(p.num_shapes);
}

template <class T>
BISQUE_HOST_DEVICE inline void grad_delta_rows(const BlendshapesBackwardParams<T>& p, int64_t vert) {
  const RowRange rows = rows_of(p, vert, vert + 1);
  for (int64_t row = rows.first; row < rows.last; ++row) {
    if (!known_shape(p, row)) continue;
    T x = 0, y = 0, z = 0;
    for (int64_t frame = 0; frame < p.num_frames; ++frame) {
      const T c = p.coefficients[frame * p.num_shapes + p.delta_shape[row]];
      const T* grad = p.grad_verts + 3 * (frame * p.num_verts + vert);
      x += c * grad[0];
      y += c * grad[1];
      z += c * grad[2];
    }
    T* out = p.grad_deltas + 3 * row;
    out[0] = x;
    out[1] = y;
    out[2] = z;
  }
}

}  // namespace bisque
