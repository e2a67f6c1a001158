// Adds point clouds to volumes of densities and features.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <tuple>

namespace bisque {

class Pointclouds;
class Volumes;

struct PointsToVolumeFeaturesOptions {
  std::string mode = "trilinear";  // or "nearest"
  double min_weight = 1e-4;        // the least density that features are divided by; for nearest it is 1
  bool rescale_features = true;    // features are means, weighted by densities; else sums
  bool align_corners = true;       // as for grid_sample
};

/// Adds points to volumes, each to the eight voxels around it or to the nearest one, and divides the features of each
/// voxel by its density.
///
///   points_3d         [N, P, 3]        float32 or float64; x, y, z in [-1, 1] along W, H, D, as of
///                                      Volumes::world_to_local_coords
///   points_features   [N, P, C]        same dtype
///   volume_densities  [N, 1, D, H, W]  same dtype, what each voxel has already
///   volume_features   [N, C, D, H, W]  same dtype, sums of features; none: zeros
///   mask              [N, P]           bool, or weights; 0 leaves a point out; none: ones
///   grid_sizes        [N, 3]           int64: the sizes of each volume in these tensors; none: D, H, W
///   returns           features [N, C, D, H, W] and densities [N, 1, D, H, W], new tensors. Densities are sums always.
///
/// Gradient, ties, determinism, errors: those of points_to_volumes. Error: another mode.
std::tuple<at::Tensor, at::Tensor> add_points_features_to_volume_densities_features(
    const at::Tensor& points_3d, const at::Tensor& points_features, const at::Tensor& volume_densities,
    const std::optional<at::Tensor>& volume_features = std::nullopt,
    const std::optional<at::Tensor>& mask = std::nullopt, const std::optional<at::Tensor>& grid_sizes = std::nullopt,
    const PointsToVolumeFeaturesOptions& options = {});

/// Adds the features of clouds to the volumes of the same index, in world coordinates: the function above with the
/// points of each cloud, and the densities and features of `volumes`, or zeros where they have no features.
///
/// Returns the volumes with their new densities and features. `options.align_corners` is that of `volumes`. Errors:
/// clouds without features; numbers of clouds and volumes, dtypes or devices that differ.
Volumes add_pointclouds_to_volumes(const Pointclouds& pointclouds, const Volumes& volumes,
                                   const PointsToVolumeFeaturesOptions& options = {});

}  // namespace bisque
