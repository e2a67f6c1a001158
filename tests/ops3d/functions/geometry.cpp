#include <bisque/ops3d/functions/corresponding_points_alignment.h>
#include <bisque/ops3d/functions/efficient_pnp.h>
#include <bisque/ops3d/functions/iterative_closest_point.h>
#include <bisque/ops3d/functions/point_covariances.h>
#include <bisque/ops3d/functions/pointcloud_normals.h>
#include <bisque/ops3d/functions/points_to_volume_features.h>
#include <bisque/ops3d/functions/wmean.h>
#include <bisque/ops3d/iou_box3d/iou_box3d.h>
#include <bisque/ops3d/nearest_rotation/nearest_rotation.h>
#include <bisque/ops3d/points_to_volumes/points_to_volumes.h>
#include <bisque/ops3d/symeig3x3/symeig3x3.h>

#include <ATen/ATen.h>
#include <torch/library.h>

namespace bisque {
namespace {

using Optional = std::optional<at::Tensor>;

at::Tensor wmean_of(const at::Tensor& x, const Optional& weight, at::OptionalIntArrayRef dim, bool keepdim,
                    double eps) {
  return wmean(x, weight, {.dim = dim, .keepdim = keepdim, .eps = eps});
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> align(const at::Tensor& X, const at::Tensor& Y, const Optional& weights,
                                                     const Optional& lengths, bool estimate_scale,
                                                     bool allow_reflection, double eps) {
  const auto [R, T, s] = corresponding_points_alignment(
      X, Y, weights, lengths, {.estimate_scale = estimate_scale, .allow_reflection = allow_reflection, .eps = eps});
  return {R, T, s};
}

using Icp = std::tuple<bool, at::Tensor, at::Tensor, std::vector<at::Tensor>, std::vector<at::Tensor>>;

Icp icp(const at::Tensor& X, const at::Tensor& Y, const Optional& lengths1, const Optional& lengths2,
        const std::optional<std::vector<at::Tensor>>& init, int64_t max_iterations, double relative_rmse_thr,
        bool estimate_scale, bool allow_reflection) {
  IterativeClosestPointOptions options{.max_iterations = max_iterations,
                                       .relative_rmse_thr = relative_rmse_thr,
                                       .estimate_scale = estimate_scale,
                                       .allow_reflection = allow_reflection};
  if (init) options.init_transform = SimilarityTransform{init->at(0), init->at(1), init->at(2)};
  const auto solution = iterative_closest_point(X, Y, lengths1, lengths2, options);
  std::vector<at::Tensor> history;
  for (const auto& [R, T, s] : solution.t_history) history.insert(history.end(), {R, T, s});
  const auto& [R, T, s] = solution.RTs;
  const auto rmse = solution.rmse.defined() ? solution.rmse : at::empty({0});
  return {solution.converged, rmse, solution.Xt, {R, T, s}, history};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor, at::Tensor, at::Tensor> pnp(const at::Tensor& x, const at::Tensor& y,
                                                                           const Optional& weights,
                                                                           bool skip_quadratic_eq) {
  const auto [x_cam, R, T, err_2d, err_3d] = efficient_pnp(x, y, weights, {.skip_quadratic_eq = skip_quadratic_eq});
  return {x_cam, R, T, err_2d, err_3d};
}

std::tuple<at::Tensor, at::Tensor> frames_of(const at::Tensor& points, const Optional& lengths,
                                             int64_t neighborhood_size, bool disambiguate_directions) {
  const auto [curvatures, frames] = estimate_pointcloud_local_coord_frames(
      points, lengths, {.neighborhood_size = neighborhood_size, .disambiguate_directions = disambiguate_directions});
  return {curvatures, frames};
}

at::Tensor normals_of(const at::Tensor& points, const Optional& lengths, int64_t neighborhood_size,
                      bool disambiguate_directions) {
  return estimate_pointcloud_normals(
      points, lengths, {.neighborhood_size = neighborhood_size, .disambiguate_directions = disambiguate_directions});
}

std::tuple<at::Tensor, at::Tensor> add_to_volumes(const at::Tensor& points_3d, const at::Tensor& points_features,
                                                  const at::Tensor& volume_densities, const Optional& volume_features,
                                                  const Optional& mask, const Optional& grid_sizes, std::string mode,
                                                  double min_weight, bool rescale_features, bool align_corners) {
  return add_points_features_to_volume_densities_features(
      points_3d, points_features, volume_densities, volume_features, mask, grid_sizes,
      {.mode = mode, .min_weight = min_weight, .rescale_features = rescale_features, .align_corners = align_corners});
}

std::tuple<at::Tensor, at::Tensor> overlaps_of(const at::Tensor& boxes1, const at::Tensor& boxes2, double eps) {
  return iou_box3d(boxes1, boxes2, {.eps = eps});
}

std::tuple<at::Tensor, at::Tensor> splat_points(const at::Tensor& points_3d, const at::Tensor& points_features,
                                                const at::Tensor& volume_densities, const at::Tensor& volume_features,
                                                const Optional& grid_sizes, const Optional& mask) {
  return points_to_volumes(points_3d, points_features, volume_densities, volume_features, grid_sizes, mask);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  library.def("wmean(Tensor x, Tensor? weight=None, int[]? dim=None, bool keepdim=True, float eps=1e-9) -> Tensor",
              &wmean_of);
  library.def(
      "corresponding_points_alignment(Tensor X, Tensor Y, Tensor? weights=None, Tensor? lengths=None, bool "
      "estimate_scale=False, bool allow_reflection=False, float eps=1e-9) -> (Tensor R, Tensor T, Tensor s)",
      &align);
  library.def(
      "iterative_closest_point(Tensor X, Tensor Y, Tensor? lengths1=None, Tensor? lengths2=None, Tensor[]? "
      "init_transform=None, int max_iterations=100, float relative_rmse_thr=1e-6, bool estimate_scale=False, bool "
      "allow_reflection=False) -> (bool converged, Tensor rmse, Tensor Xt, Tensor[] RTs, Tensor[] t_history)",
      &icp);
  library.def(
      "efficient_pnp(Tensor x, Tensor y, Tensor? weights=None, bool skip_quadratic_eq=False)"
      " -> (Tensor x_cam, Tensor R, Tensor T, Tensor err_2d, Tensor err_3d)",
      &pnp);
  library.def("get_point_covariances(Tensor points, Tensor? lengths, int neighborhood_size) -> (Tensor, Tensor)",
              &get_point_covariances);
  library.def(
      "estimate_pointcloud_local_coord_frames(Tensor points, Tensor? lengths=None, int neighborhood_size=50, bool "
      "disambiguate_directions=True) -> (Tensor curvatures, Tensor local_coord_frames)",
      &frames_of);
  library.def(
      "estimate_pointcloud_normals(Tensor points, Tensor? lengths=None, int neighborhood_size=50, bool "
      "disambiguate_directions=True) -> Tensor",
      &normals_of);
  library.def(
      "add_points_features_to_volume_densities_features(Tensor points_3d, Tensor points_features, Tensor "
      "volume_densities, Tensor? volume_features=None, Tensor? mask=None, Tensor? grid_sizes=None, str "
      "mode=\"trilinear\", float min_weight=1e-4, bool rescale_features=True, bool align_corners=True)"
      " -> (Tensor features, Tensor densities)",
      &add_to_volumes);
  library.def("symeig3x3(Tensor inputs, bool eigenvectors=True) -> (Tensor values, Tensor vectors)", &symeig3x3);
  library.def("nearest_rotation(Tensor matrices, bool allow_reflection=False) -> Tensor", &nearest_rotation);
  library.def("iou_box3d(Tensor boxes1, Tensor boxes2, float eps=1e-4) -> (Tensor vol, Tensor iou)", &overlaps_of);
  library.def(
      "points_to_volumes(Tensor points_3d, Tensor points_features, Tensor volume_densities, Tensor volume_features, "
      "Tensor? grid_sizes=None, Tensor? mask=None) -> (Tensor densities, Tensor features)",
      &splat_points);
}

}  // namespace bisque
