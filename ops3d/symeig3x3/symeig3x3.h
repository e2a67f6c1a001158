// Eigenvalues and eigenvectors of symmetric 3x3 matrices.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/error.h>
#include <bisque/core/plugin/op.h>

namespace bisque {

/// Eigenvalues and eigenvectors of symmetric matrices.
///
///   inputs        [..., 3, 3]  float32 or float64 (the op takes [N, 3, 3]); of a matrix that is not symmetric, the
///                              symmetric part (M + M^T) / 2 is taken
///   eigenvectors               whether they are computed too; else they are an empty tensor
///   returns       values  [..., 3]     ascending
///                 vectors [..., 3, 3]  unit length, in columns: vectors[..., :, i] belongs to values[..., i]
///
/// The largest component of the first and of the second vector is positive (the first of equal ones), and the three are
/// a right-handed frame. Vectors of equal eigenvalues are one orthonormal basis of their space. Computed in float64, so
/// that tiny, huge and degenerate matrices are no special case. A matrix with a value that is not finite gives NaN.
///
/// Gradient: from both results to inputs, symmetric. Two eigenvalues that differ by no more than 8 epsilon of the dtype
/// times the largest eigenvalue count as equal: their vectors may turn in their plane, so that this turn gets the
/// gradient zero; all others are exact. Deterministic: the same bits on the CPU and on CUDA. Error: another shape or
/// dtype. Source: Jacobi's eigenvalue algorithm.
inline std::tuple<at::Tensor, at::Tensor> symeig3x3(const at::Tensor& inputs, bool eigenvectors = true) {
  static const auto op = find_op<std::tuple<at::Tensor, at::Tensor>(const at::Tensor&, bool)>("bisque::symeig3x3");
  if (inputs.dim() < 2 || inputs.size(-1) != 3 || inputs.size(-2) != 3) {
    fail("symeig3x3: expected inputs to have shape [..., 3, 3], but got ", inputs.sizes());
  }
  auto [values, vectors] = op.call(inputs.reshape({-1, 3, 3}), eigenvectors);
  if (eigenvectors) vectors = vectors.reshape(inputs.sizes());
  return {values.reshape(inputs.sizes().slice(0, inputs.dim() - 1)), vectors};
}

}  // namespace bisque
