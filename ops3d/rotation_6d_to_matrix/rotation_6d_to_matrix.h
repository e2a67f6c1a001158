// Rotation matrices of their 6D representation.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>
#include <bisque/ops3d/to_matrix/to_matrix.h>

namespace bisque {

/// Rotation matrices of two vectors each, which Gram-Schmidt makes the first two rows.
///
///   d6       [..., 6]     float32 or float64: the first vector, then the second, of any lengths but zero
///   returns  [..., 3, 3]  they rotate column vectors
///
/// If a vector is zero, or the vectors are parallel, the result is no rotation, but it and its gradient are finite.
/// What has NaN gives NaN. Twice differentiable. Deterministic. Any batch, also empty. Errors: another shape or dtype.
/// Source: Zhou, Barnes, Lu, Yang, Li: On the Continuity of Rotation Representations in Neural Networks, CVPR 2019.
inline at::Tensor rotation_6d_to_matrix(const at::Tensor& d6) {
  static const auto op = find_op<at::Tensor(const at::Tensor&)>("bisque::rotation_6d_to_matrix");
  return matrices_of_rows(op, d6);
}

}  // namespace bisque
