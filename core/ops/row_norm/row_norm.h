// Layer norm and RMS norm: each row is normalised by its own mean and variance.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

#include <optional>
#include <tuple>

namespace bisque {

/// y = (x - mean) / sqrt(var + eps) * weight + bias, where mean and var are those of a row: of `size` values that lie
/// side by side, as those of the last dimensions do. Without `center` mean counts as 0 and var is the mean square.
///
///   x        [..., size]  float32, float64, float16 or bfloat16; any sizes whose product is a multiple of `size`
///   weight   [size]       same dtype, or float32 with x of half precision; in any shape of `size` values; none: ones
///   bias     [size]       as weight; none: zeros
///   returns  y as x, contiguous; mean [rows] float64 ([0] without center); var [rows] float64, biased
///
/// Differentiable by x, weight and bias, to any order; mean and var are not. Sums run in float32, or float64 for
/// float64, over chunks that are merged in double (Chan, Golub and LeVeque 1979), so that a mean of 1e4 beside a
/// deviation of 1e-2 costs no digits. Deterministic: results depend neither on the number of threads nor on the width
/// of vectors. There may be no rows. Errors: a size that does not divide x, weights of another size, dtype or device.
inline std::tuple<at::Tensor, at::Tensor, at::Tensor> row_norm(const at::Tensor& x,
                                                               const std::optional<at::Tensor>& weight,
                                                               const std::optional<at::Tensor>& bias, int64_t size,
                                                               double eps, bool center = true) {
  static const auto op = find_op<std::tuple<at::Tensor, at::Tensor, at::Tensor>(
      const at::Tensor&, const std::optional<at::Tensor>&, const std::optional<at::Tensor>&, int64_t, double, bool)>(
      "bisque::row_norm");
  return op.call(x, weight, bias, size, eps, center);
}

}  // namespace bisque
