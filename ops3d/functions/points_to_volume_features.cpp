#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/functions/point_arguments.h>
#include <bisque/ops3d/functions/points_to_volume_features.h>
#include <bisque/ops3d/points_to_volumes/points_to_volumes.h>

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

at::Tensor local_coords_of_volume(const at::Tensor& points, const at::Tensor& grid_sizes, const at::Tensor& voxel_size,
                                  const at::Tensor& translation, bool align_corners) {
  check_points("local_coords_of_volume", "points", points);
  if (grid_sizes.dim() != 2 || grid_sizes.size(1) != 3 || grid_sizes.size(0) != points.size(0)) {
    fail("local_coords_of_volume: expected grid_sizes to have shape [N, 3] with N = ", points.size(0), ", but got ",
         grid_sizes.sizes());
  }
  const auto sizes = grid_sizes.flip(1) - (align_corners ? 1 : 0);  // along x, y, z
  const auto half = voxel_size * sizes.to(points.scalar_type()) / 2;
  const auto offsets = points + translation.expand({points.size(0), 3}).unsqueeze(1);
  const auto local = offsets / half.unsqueeze(1);
  return at::where(offsets == 0, at::zeros({}, points.options()), local);  // 0 / 0 for a side of one voxel
}

}  // namespace bisque
