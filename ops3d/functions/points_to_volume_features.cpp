#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/functions/point_arguments.h>
#include <bisque/ops3d/functions/points_to_volume_features.h>
#include <bisque/ops3d/points_to_volumes/points_to_volumes.h>
#include <bisque/ops3d/structures/pointclouds.h>
#include <bisque/ops3d/structures/volumes.h>

namespace bisque {

std::tuple<at::Tensor, at::Tensor> add_points_features_to_volume_densities_features(
    const at::Tensor& points_3d, const at::Tensor& points_features, const at::Tensor& volume_densities,
    const std::optional<at::Tensor>& volume_features, const std::optional<at::Tensor>& mask,
    const std::optional<at::Tensor>& grid_sizes, const PointsToVolumeFeaturesOptions& options) {
  const char* name = "add_points_features_to_volume_densities_features";
  const bool trilinear = options.mode == "trilinear";
  if (!trilinear && options.mode != "nearest") {
    fail(name, ": expected mode to be trilinear or nearest, but got ", options.mode);
  }
  check_points(name, "points_3d", points_3d);
  if (points_features.dim() != 3 || volume_densities.dim() != 5) {
    fail(name, ": expected points_features [N, P, C] and volume_densities [N, 1, D, H, W], but got ",
         points_features.sizes(), " and ", volume_densities.sizes());
  }
  auto sizes = volume_densities.sizes().vec();
  sizes[1] = points_features.size(2);
  const auto before = volume_features ? *volume_features : at::zeros(sizes, volume_densities.options());
  const auto weights = mask ? std::optional(mask->to(points_3d.scalar_type())) : std::nullopt;
  const auto [densities, features] =
      points_to_volumes(points_3d, points_features, volume_densities, before, grid_sizes, weights,
                        {.align_corners = options.align_corners, .splat = trilinear});
  if (!options.rescale_features) return {features, densities};
  return {features / densities.clamp_min(trilinear ? options.min_weight : 1.0), densities};
}

Volumes add_pointclouds_to_volumes(const Pointclouds& pointclouds, const Volumes& volumes,
                                   const PointsToVolumeFeaturesOptions& options) {
  if (!pointclouds.has_features()) {
    fail("add_pointclouds_to_volumes: expected pointclouds with features, but they have none");
  }
  if (pointclouds.size() != volumes.size()) {
    fail("add_pointclouds_to_volumes: expected as many clouds as volumes, but got ", pointclouds.size(), " and ",
         volumes.size());
  }
  const auto points = pointclouds.points_padded();
  const auto is_point = at::arange(points.size(1), pointclouds.num_points_per_cloud().options())
                            .lt(pointclouds.num_points_per_cloud().unsqueeze(1));
  const auto before = volumes.has_features() ? std::optional(volumes.features()) : std::nullopt;
  PointsToVolumeFeaturesOptions own = options;
  own.align_corners = volumes.align_corners();
  const auto [features, densities] = add_points_features_to_volume_densities_features(
      volumes.world_to_local_coords(points), pointclouds.features_padded(), volumes.densities(), before, is_point,
      volumes.get_grid_sizes(), own);
  return volumes.update_padded(densities, features);
}

}  // namespace bisque
