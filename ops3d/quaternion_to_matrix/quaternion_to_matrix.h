// Rotation matrices of quaternions.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>
#include <bisque/ops3d/to_matrix/to_matrix.h>

namespace bisque {

/// Rotation matrices of quaternions.
///
///   quaternions  [..., 4]     float32 or float64: the real part first; any length but zero
///   returns      [..., 3, 3]  they rotate column vectors
///
/// Quaternions may have any length; zero gives the identity, with a finite gradient. What has NaN gives NaN. Twice
/// differentiable. Deterministic. Any batch, also empty. Errors: another shape or dtype.
inline at::Tensor quaternion_to_matrix(const at::Tensor& quaternions) {
  static const auto op = find_op<at::Tensor(const at::Tensor&)>("bisque::quaternion_to_matrix");
  return matrices_of_rows(op, quaternions);
}

}  // namespace bisque
