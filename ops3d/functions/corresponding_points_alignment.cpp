#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/functions/corresponding_points_alignment.h>
#include <bisque/ops3d/functions/point_arguments.h>
#include <bisque/ops3d/functions/wmean.h>
#include <bisque/ops3d/nearest_rotation/nearest_rotation.h>

namespace bisque {

at::Tensor SimilarityTransform::apply(const at::Tensor& points) const {
  return s.reshape({-1, 1, 1}) * points.matmul(R) + T.unsqueeze(1);
}

SimilarityTransform corresponding_points_alignment(const at::Tensor& X, const at::Tensor& Y,
                                                   const std::optional<at::Tensor>& weights,
                                                   const std::optional<at::Tensor>& lengths,
                                                   const CorrespondingPointsAlignmentOptions& options) {
  const char* name = "corresponding_points_alignment";
  check_points(name, "X", X);
  if (Y.sizes() != X.sizes()) fail(name, ": expected Y to have shape ", X.sizes(), " as X, but got ", Y.sizes());
  check_same_kind(name, "Y", Y, "X", X);
  const auto shares = weights_within_lengths(name, weights, lengths, X);
  const auto within = [&](const at::Tensor& points) {  // what lies beyond a cloud may hold any value
    return lengths ? points.masked_fill(is_within_lengths(*lengths, X).logical_not().unsqueeze(2), 0) : points;
  };
  const auto of_x = within(X), of_y = within(Y);
  const auto x_mean = wmean(of_x, shares, {.eps = options.eps}), y_mean = wmean(of_y, shares, {.eps = options.eps});
  const auto x = of_x - x_mean, y = of_y - y_mean;
  const auto weighted = x * shares.unsqueeze(2);
  const auto total = shares.sum(1).clamp_min(options.eps);
  const auto covariance = weighted.mT().matmul(y) / total.reshape({-1, 1, 1});
  const auto R = nearest_rotation(covariance, options.allow_reflection);
  auto s = at::ones({X.size(0)}, X.options());
  if (options.estimate_scale) {
    const auto variance = (weighted * x).sum({1, 2}) / total;
    s = (R * covariance).sum({1, 2}) / variance.clamp_min(options.eps);
  }
  const auto T = y_mean.squeeze(1) - s.unsqueeze(1) * x_mean.matmul(R).squeeze(1);
  return {R, T, s};
}

}  // namespace bisque
