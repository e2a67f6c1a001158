#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/functions/iterative_closest_point.h>
#include <bisque/ops3d/functions/point_arguments.h>
#include <bisque/ops3d/functions/wmean.h>
#include <bisque/ops3d/knn_points/knn_points.h>

namespace bisque {
namespace {

constexpr const char* kIcp = "iterative_closest_point";

SimilarityTransform first_transform(const at::Tensor& X, const std::optional<SimilarityTransform>& given) {
  const int64_t N = X.size(0), D = X.size(2);
  if (!given) {
    return {at::eye(D, X.options()).expand({N, D, D}), at::zeros({N, D}, X.options()), at::ones({N}, X.options())};
  }
  const auto& [R, T, s] = *given;
  if (R.sizes() != at::IntArrayRef({N, D, D}) || T.sizes() != at::IntArrayRef({N, D}) ||
      s.sizes() != at::IntArrayRef({N})) {
    fail(kIcp, ": expected init_transform to have R [N, D, D], T [N, D] and s [N] with N = ", N, " and D = ", D,
         ", but got ", R.sizes(), ", ", T.sizes(), " and ", s.sizes());
  }
  for (const at::Tensor* part : {&R, &T, &s}) check_same_kind(kIcp, "init_transform", *part, "X", X);
  return *given;
}

void check_clouds(const at::Tensor& X, const at::Tensor& Y, const IterativeClosestPointOptions& options) {
  check_points(kIcp, "X", X);
  check_points(kIcp, "Y", Y);
  check_same_kind(kIcp, "Y", Y, "X", X);
  if (Y.size(0) != X.size(0) || Y.size(2) != X.size(2) || Y.size(1) < 1) {
    fail(kIcp, ": expected Y to have shape [N, P2, D] with the N and D of X ", X.sizes(),
         " and at least one point, but got ", Y.sizes());
  }
  if (options.max_iterations < 0) {
    fail(kIcp, ": expected max_iterations to be at least 0, but got ", options.max_iterations);
  }
}

/// Weights of the points of X: 1, and 0 beyond a cloud, and where there is no cloud in Y.
at::Tensor icp_weights(const at::Tensor& X, const at::Tensor& Y, const std::optional<at::Tensor>& lengths1,
                       const std::optional<at::Tensor>& lengths2) {
  if (lengths1) check_lengths(kIcp, "lengths1", *lengths1, X);
  if (lengths2) check_lengths(kIcp, "lengths2", *lengths2, Y);
  auto weights = weights_within_lengths(kIcp, std::nullopt, lengths1, X);
  return lengths2 ? weights * (*lengths2 > 0).to(X.scalar_type()).unsqueeze(1) : weights;
}

/// Whether each cloud's error fell by no more than the share `threshold` of it.
bool is_converged(const at::Tensor& rmse, const at::Tensor& before, double threshold) {
  return (before - rmse <= threshold * before).all().item<bool>();
}

}  // namespace

IcpSolution iterative_closest_point(const at::Tensor& X, const at::Tensor& Y, const std::optional<at::Tensor>& lengths1,
                                    const std::optional<at::Tensor>& lengths2,
                                    const IterativeClosestPointOptions& options) {
  check_clouds(X, Y, options);
  const auto weights = icp_weights(X, Y, lengths1, lengths2);
  IcpSolution solution{false, {}, {}, first_transform(X, options.init_transform), {}};
  const auto within = [&](const at::Tensor& points) {
    return lengths1 ? points.masked_fill(is_within_lengths(*lengths1, X).logical_not().unsqueeze(2), 0) : points;
  };
  solution.Xt = within(solution.RTs.apply(X));
  const CorrespondingPointsAlignmentOptions alignment{.estimate_scale = options.estimate_scale,
                                                      .allow_reflection = options.allow_reflection};
  for (int64_t iteration = 0; iteration < options.max_iterations && !solution.converged; ++iteration) {
    const auto idx = std::get<1>(knn_points(solution.Xt.detach(), Y.detach(), lengths1, lengths2));
    const auto nearest = Y.gather(1, idx.expand({-1, -1, Y.size(2)}));
    solution.RTs = corresponding_points_alignment(X, nearest, weights, lengths1, alignment);
    solution.Xt = within(solution.RTs.apply(X));
    solution.t_history.push_back(solution.RTs);
    const auto before = solution.rmse;
    const auto squared = (solution.Xt - nearest).square().sum(2, /*keepdim=*/true);
    solution.rmse = wmean(squared, weights).sqrt().reshape({-1});
    solution.converged = before.defined() && is_converged(solution.rmse, before, options.relative_rmse_thr);
  }
  return solution;
}

}  // namespace bisque
