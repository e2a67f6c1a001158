// Adds point clouds to volumes of densities and features.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <tuple>

namespace bisque {

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
///                                      local_coords_of_volume
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

/// Points of the world in the coordinates of volumes: -1 and 1 are the centers of the outer voxels if `align_corners`,
/// else their outer sides.
///
///   points        [N, P, 3]
///   grid_sizes    [N, 3]            int64: depth, height, width of each volume
///   voxel_size    broadcast to [N, 3]  lengths of a voxel's sides along x, y, z, in the unit of points
///   translation   broadcast to [N, 3]  minus the center of each volume: a volume around [1, 2, 3] has [-1, -2, -3]
///   returns       [N, P, 3]         (points + translation) / (voxel_size (size - 1) / 2), or of size without
///                                   align_corners. A side of one voxel has no extent between centers: points in its
///                                   center have the coordinate 0, others are infinitely far.
///
/// Differentiable by points, voxel_size and translation.
at::Tensor local_coords_of_volume(const at::Tensor& points, const at::Tensor& grid_sizes, const at::Tensor& voxel_size,
                                  const at::Tensor& translation, bool align_corners = true);

}  // namespace bisque
