// Weighted means.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>

namespace bisque {

struct WmeanOptions {
  at::OptionalIntArrayRef dim = std::nullopt;  // dimensions of x to average over; none: -2, the points
  bool keepdim = true;                         // whether averaged dimensions remain, with size 1
  double eps = 1e-9;                           // the least sum of weights
};

/// The mean of points, weighted.
///
///   x        [..., D]   float32 or float64; D is a dimension of space, all of whose values have the same weight
///   weight   [...]      not negative or bool, broadcast with the shape of x without D; none: ones
///   returns             sum(x * weight) / max(sum(weight), eps) over `dim`; zero where there is nothing to average
///
/// Differentiable. Error: a weight that does not broadcast.
at::Tensor wmean(const at::Tensor& x, const std::optional<at::Tensor>& weight = std::nullopt,
                 const WmeanOptions& options = {});

}  // namespace bisque
