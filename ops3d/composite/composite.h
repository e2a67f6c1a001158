// The features of the points that a pixel sees, as one value.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/plugin/op.h>

namespace bisque {

enum class CompositeMode : int64_t { kAlpha, kWeightedSum, kNormWeightedSum };

/// Blends the features of the points of each pixel.
///
///   features    [C, P]        float32 or float64: C channels of P points
///   alphas      [N, K, H, W]  same dtype: opacity of the K points of a pixel, front to back
///   points_idx  [N, K, H, W]  int64, which point it is; a negative one is no point
///   mode                      kAlpha: over-compositing, the sum of alpha_k f_k times (1 - alpha_j) for all j in front;
///                             kWeightedSum: the sum of alpha_k f_k; kNormWeightedSum: the same divided by the sum of
///                             the alphas, or by 1e-4 where that is larger
///   returns     [N, C, H, W]  0 for a pixel without points
///
/// Differentiable by features and alphas, also where an alpha is 0 or 1. Deterministic: the same for any number of
/// threads, and on CUDA, where the gradient of features is summed in fixed point (and is NaN where an addend is NaN or
/// infinite). Any size may be 0. Errors: shapes, dtypes or devices that do not match, another mode; on the CPU, an
/// index of P or more, which CUDA skips. Sources: Porter and Duff, Compositing Digital Images (1984); PyTorch3D's
/// alpha_composite, weighted_sum and norm_weighted_sum.
inline at::Tensor composite(const at::Tensor& features, const at::Tensor& alphas, const at::Tensor& points_idx,
                            CompositeMode mode = CompositeMode::kAlpha) {
  static const auto op =
      find_op<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, int64_t)>("bisque::composite");
  return op.call(features, alphas, points_idx, static_cast<int64_t>(mode));
}

}  // namespace bisque
