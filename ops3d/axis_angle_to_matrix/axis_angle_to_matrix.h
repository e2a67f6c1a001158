// Rotation matrices of an axis and an angle.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>
#include <bisque/ops3d/to_matrix/to_matrix.h>

namespace bisque {

/// Rotation matrices of vectors: the axis times the angle.
///
///   axis_angle  [..., 3]     float32 or float64, in radians; any length
///   returns     [..., 3, 3]  they rotate column vectors
///
/// Values and gradients are exact everywhere, also at zero. What has NaN gives NaN. Twice differentiable.
/// Deterministic. Any batch, also empty. Errors: another shape or dtype.
inline at::Tensor axis_angle_to_matrix(const at::Tensor& axis_angle) {
  static const auto op = find_op<at::Tensor(const at::Tensor&)>("bisque::axis_angle_to_matrix");
  return matrices_of_rows(op, axis_angle);
}

}  // namespace bisque
