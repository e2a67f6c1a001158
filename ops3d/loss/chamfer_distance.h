// The Chamfer distance of point clouds.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>

namespace bisque {

struct ChamferDistanceOptions {
  std::optional<at::Tensor> x_lengths;                  // [N] int64, the points of each cloud in x; none: P1
  std::optional<at::Tensor> y_lengths;                  // [N] int64, those in y; none: P2
  std::optional<at::Tensor> x_normals;                  // [N, P1, C] of any length; of no use without those of y
  std::optional<at::Tensor> y_normals;                  // [N, P2, C]
  std::optional<at::Tensor> weights;                    // [N], of the clouds, none negative; none: all 1
  std::optional<std::string> batch_reduction = "mean";  // over clouds: mean (by the sum of the weights), sum, or none
  std::optional<std::string> point_reduction = "mean";  // over points: mean, sum, max, or none
  int64_t norm = 2;                 // 2: squared Euclidean distance; 1: sum of the absolute differences
  bool single_directional = false;  // only from x to y
  bool abs_cosine = true;           // opposite normals count as equal
};

/// Losses that are not asked for are undefined.
struct ChamferDistance {
  at::Tensor loss, loss_normals;
  at::Tensor loss_y, loss_normals_y;  // where point_reduction is none: from y to x, while loss is from x to y
};

/// How far the points of two clouds are from the other cloud: for each point, the distance to the nearest point of the
/// other cloud, reduced over the points of a cloud; then the sum of both directions (for max, the greater of them,
/// which is the Hausdorff distance), times the weight of the cloud; then reduced over the clouds. For each pair of
/// nearest points, 1 - |cos| of the angle between their normals is reduced in the same way; with max there are no
/// normals.
///
///   x        [N, P1, D]  float32 or float64, points of any number of coordinates or features
///   y        [N, P2, D]  same dtype
///   returns  loss and loss_normals: a scalar; [N] where batch_reduction is none; where point_reduction is none too,
///            [N, P1] of x, with 0 beyond its lengths, and loss_y and loss_normals_y [N, P2] of y
///
/// A point whose counterpart has no points has distance 0, and its normal counts as perpendicular. A cloud without
/// points has loss 0. Where all weights are zero the mean is 0. Ties and NaN are as in knn_points. Normals shorter than
/// 1e-6 count as that long.
///
/// Gradient: by x, y, normals and weights. Deterministic on the CPU; on CUDA as knn_points and knn_gather. Errors:
/// shapes and dtypes that do not match, a reduction or norm other than those above, batch_reduction where
/// point_reduction is none, normals with max; negative weights and lengths outside of their range on the CPU. Source:
/// Fan et al., A Point Set Generation Network, CVPR 2017; PyTorch3D's chamfer_distance.
ChamferDistance chamfer_distance(const at::Tensor& x, const at::Tensor& y, const ChamferDistanceOptions& options = {});

}  // namespace bisque
