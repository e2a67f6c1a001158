// verts = neutral + sum of coefficient * delta: the linear blendshape model.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// Blends a mesh from coefficients: verts[n, v] = neutral[v] + sum over shapes s of coefficients[n, s] * delta[s, v].
/// The deltas are given by vertex, listing for each only the shapes that move it, so that a shape costs what it moves.
///
///   coefficients  [N, S]    float32 or float64; any value, no clamping
///   neutral       [V, 3]    same dtype
///   deltas        [D, 3]    same dtype; those of vertex v are rows vert_offsets[v] up to vert_offsets[v + 1]
///   delta_shape   [D]       int32, the shape that each row belongs to, in [0, S)
///   vert_offsets    [V + 1]   int64, from 0 to D, never falling
///   returns       [N, V, 3] verts, in the units of neutral
///
/// Differentiable by coefficients, neutral and deltas. Deterministic, forward and backward: sums run in an order that
/// depends neither on the number of threads nor on the other frames. No input is aliased. N, S, V or D may be 0. Error:
/// shapes, dtypes or devices that do not match. The values of delta_shape and vert_offsets are the caller's word (a
/// BlendshapeModel checks its own once); rows outside their bounds are skipped.
inline at::Tensor blendshapes(const at::Tensor& coefficients, const at::Tensor& neutral, const at::Tensor& deltas,
                              const at::Tensor& delta_shape, const at::Tensor& vert_offsets) {
  static const auto op = find_op<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&,
                                            const at::Tensor&)>("bisque::blendshapes");
  return op.call(coefficients, neutral, deltas, delta_shape, vert_offsets);
}

}  // namespace bisque
