// Adds points and their features to volumes.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

struct PointsToVolumesOptions {
  double point_weight = 1;  // of all points
  bool align_corners =
      true;           // as for grid_sample: -1 and 1 are the centers of the outer voxels; else their outer sides
  bool splat = true;  // weights of the eight voxels around a point are trilinear; else the nearest gets it all
};

/// Adds each point's weight to the densities of the voxels around it, and its features times the weight to theirs.
///
///   points_3d         [N, P, 3]        float32 or float64; x, y, z in [-1, 1] along W, H, D of the volume
///   points_features   [N, P, C]        same dtype, as all that follow
///   volume_densities  [N, 1, D, H, W]
///   volume_features   [N, C, D, H, W]
///   grid_sizes        [N, 3]           int64: depth, height and width of each volume in these tensors; none:
///                                      D, H, W
///   mask              [N, P]           weights of the points; 0 leaves one out, whatever its values are; none: ones
///   returns           densities [N, 1, D, H, W] and features [N, C, D, H, W]: new tensors, the volumes with
///                                      the points added
///
/// A vote for a voxel outside of the volume is lost. A point with a coordinate that is not finite has no votes. A point
/// halfway between two voxels is nearest to the one farther from the grid's point 0.
///
/// Gradient: from both results to all tensors of floats. That of points_3d is zero without `splat`; with it, at the
/// center of a voxel, it is the one towards the higher voxel. Deterministic on the CPU, for any number of threads; on
/// CUDA sums are atomic, so that their rounding differs from run to run, but not in the gradient. Sizes may be 0.
/// Error: shapes, dtypes or devices that do not match, a point_weight that is not finite; on the CPU, grid sizes
/// outside of those of the tensors, where CUDA adds no points to such a volume. Source: PyTorch3D's
/// add_pointclouds_to_volumes.
inline std::tuple<at::Tensor, at::Tensor> points_to_volumes(
    const at::Tensor& points_3d, const at::Tensor& points_features, const at::Tensor& volume_densities,
    const at::Tensor& volume_features, const std::optional<at::Tensor>& grid_sizes = std::nullopt,
    const std::optional<at::Tensor>& mask = std::nullopt, const PointsToVolumesOptions& options = {}) {
  static const auto op = find_op<std::tuple<at::Tensor, at::Tensor>(
      const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
      double, const std::optional<at::Tensor>&, bool, bool)>("bisque::points_to_volumes");
  return op.call(points_3d, points_features, volume_densities, volume_features, grid_sizes, options.point_weight, mask,
                 options.align_corners, options.splat);
}

}  // namespace bisque
