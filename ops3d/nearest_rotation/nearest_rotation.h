// The rotations that are nearest to matrices.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

/// For each matrix M, the rotation R with the least ||R - M||, which also has the greatest trace(R^T M).
///
///   matrices          [N, D, D]  float32 or float64
///   allow_reflection             permits the orthogonal matrices of determinant -1 too
///   returns           [N, D, D]  orthogonal; of determinant 1 unless reflections are allowed
///
/// A matrix of a rank below D - 1 has several nearest rotations, of which one is returned; zero gives the identity.
/// A matrix with a value that is not finite gives NaN. Computed in float64.
///
/// Gradient: from the rotation to the matrix. It exists for equal singular values too, because it only divides by sums
/// of two of them (with a minus for one that was mirrored). Where such a sum is at most 8 epsilon of the dtype times
/// the largest singular value, the rotation is not determined in that plane, and its share in the gradient is zero.
/// Deterministic: the same bits on the CPU and on CUDA. N or D may be 0. Error: another shape or dtype. Source: Kabsch,
/// A solution for the best rotation to relate two sets of vectors (1976); the one-sided Jacobi method of Hestenes.
inline at::Tensor nearest_rotation(const at::Tensor& matrices, bool allow_reflection = false) {
  static const auto op = find_op<at::Tensor(const at::Tensor&, bool)>("bisque::nearest_rotation");
  return op.call(matrices, allow_reflection);
}

}  // namespace bisque
