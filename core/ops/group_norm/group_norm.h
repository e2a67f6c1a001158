// Group norm and instance norm: groups of channels of a sample are normalised by their own mean and variance.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

#include <optional>
#include <tuple>

namespace bisque {

/// y = (x - mean) / sqrt(var + eps) * weight + bias, where mean and var are those of a group of channels of a sample.
/// As many groups as channels: instance norm.
///
///   x        [N, C, ...]  float32, float64, float16 or bfloat16
///   weight   [C]          same dtype, or float32 with x of half precision; none: ones
///   bias     [C]          as weight; none: zeros
///   groups                divides C
///   returns  y as x, in its memory format (contiguous or channels last); mean and var [N * groups] float64, var biased
///
/// Differentiable by x, weight and bias, to any order; mean and var are not. Precision as in row_norm. Deterministic:
/// results depend neither on the number of threads nor on the width of vectors. Any size may be 0. Errors: groups that
/// do not divide the channels, weights of another size, dtype or device.
inline std::tuple<at::Tensor, at::Tensor, at::Tensor> group_norm(const at::Tensor& x,
                                                                 const std::optional<at::Tensor>& weight,
                                                                 const std::optional<at::Tensor>& bias, int64_t groups,
                                                                 double eps) {
  static const auto op = find_op<std::tuple<at::Tensor, at::Tensor, at::Tensor>(
      const at::Tensor&, const std::optional<at::Tensor>&, const std::optional<at::Tensor>&, int64_t, double)>(
      "bisque::group_norm");
  return op.call(x, weight, bias, groups, eps);
}

}  // namespace bisque
