// blendshapes and its gradient: the params, and what CPU and CUDA share. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

template <class T>
struct Blendshapes {
  const T* coefficients;        // [N, S]
  const T* neutral;             // [V, 3]
  const T* deltas;              // [D, 3]
  const int32_t* delta_shape;   // [D]
  const int64_t* vert_offsets;  // [V + 1]
  T* verts;                     // [N, V, 3]
  int64_t N, S, V, D;

  void run(const OnCpu& on) const;
  void run(const OnCuda& on) const;
};

/// A gradient that is not needed is null.
template <class T>
struct BlendshapesBackward {
  const T* grad_verts;    // [N, V, 3]
  const T* coefficients;  // from here as in Blendshapes
  const T *neutral, *deltas;
  const int32_t* delta_shape;
  const int64_t* vert_offsets;
  bool need_grad_coefficients, need_grad_neutral, need_grad_deltas;
  T* grad_coefficients;  // [N, S]
  T* grad_neutral;       // [V, 3]
  T* grad_deltas;        // [D, 3]
  T* sums;               // [chunks, N, S] scratch of CUDA
  int64_t N, S, V, D;

  void run(const OnCpu& on) const;
  void run(const OnCuda& on) const;
};

template <class T>
BISQUE_HOST_DEVICE inline void blend_vertex(const Blendshapes<T>& p, int64_t frame, int64_t vert) {
  const T* coefficients = p.coefficients + frame * p.S;
  T x = p.neutral[3 * vert], y = p.neutral[3 * vert + 1], z = p.neutral[3 * vert + 2];
  int64_t first = p.vert_offsets[vert], last = p.vert_offsets[vert + 1];
  if (first < 0) first = 0;
  if (last > p.D) last = p.D;
  for (int64_t d = first; d < last; ++d) {
    const int32_t shape = p.delta_shape[d];
    if (static_cast<uint32_t>(shape) >= static_cast<uint64_t>(p.S)) continue;
    const T c = coefficients[shape];
    x += c * p.deltas[3 * d];
    y += c * p.deltas[3 * d + 1];
    z += c * p.deltas[3 * d + 2];
  }
  T* out = p.verts + 3 * (frame * p.V + vert);
  out[0] = x;
  out[1] = y;
  out[2] = z;
}

struct RowRange {
  int64_t first, last;
};

/// The rows of vertices `first_vert` up to `last_vert`, none out of bounds.
template <class T>
BISQUE_HOST_DEVICE inline RowRange rows_of(const BlendshapesBackward<T>& p, int64_t first_vert, int64_t last_vert) {
  const int64_t first = p.vert_offsets[first_vert], last = p.vert_offsets[last_vert];
  return {first < 0 ? 0 : first, last > p.D ? p.D : last};
}

template <class T>
BISQUE_HOST_DEVICE inline bool known_shape(const BlendshapesBackward<T>& p, int64_t row) {
  return static_cast<uint32_t>(p.delta_shape[row]) < static_cast<uint64_t>(p.S);
}

template <class T>
BISQUE_HOST_DEVICE inline void grad_delta_rows(const BlendshapesBackward<T>& p, int64_t vert) {
  const RowRange rows = rows_of(p, vert, vert + 1);
  for (int64_t row = rows.first; row < rows.last; ++row) {
    if (!known_shape(p, row)) continue;
    T x = 0, y = 0, z = 0;
    for (int64_t frame = 0; frame < p.N; ++frame) {
      const T c = p.coefficients[frame * p.S + p.delta_shape[row]];
      const T* grad = p.grad_verts + 3 * (frame * p.V + vert);
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
