#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/points_to_volumes/points_to_volumes_kernels.h>

namespace bisque {
namespace {

const op::Op<PointsToVolumes> points_to_volumes({
    .schema = "bisque::points_to_volumes(Tensor points_3d, Tensor points_features, Tensor volume_densities, Tensor "
              "volume_features, Tensor? grid_sizes=None, float point_weight=1.0, Tensor? mask=None, bool "
              "align_corners=True, bool splat=True) -> (Tensor densities, Tensor features)",
    .shapes = "points_3d [N, P, 3], points_features [N, P, C], volume_densities [N, 1, D, H, W], volume_features "
              "[N, C, D, H, W], grid_sizes [N, 3], mask [N, P] -> densities [N, 1, D, H, W], features [N, C, D, H, W]",
    .require = "point_weight finite",
    .backward = "bisque::_points_to_volumes_backward",
});

const op::Op<PointsToVolumesBackward> points_to_volumes_backward({
    .schema = "bisque::_points_to_volumes_backward(Tensor grad_densities, Tensor grad_features, Tensor points_3d, "
              "Tensor points_features, Tensor? grid_sizes, float point_weight, Tensor? mask, bool align_corners, "
              "bool splat, bool need_grad_points_3d, bool need_grad_points_features, bool need_grad_volume_densities, "
              "bool need_grad_volume_features, bool need_grad_mask) -> (Tensor grad_points_3d, "
              "Tensor grad_points_features, Tensor grad_volume_densities, Tensor grad_volume_features, "
              "Tensor grad_mask)",
    .shapes = "grad_densities [N, 1, D, H, W], grad_features [N, C, D, H, W], points_3d [N, P, 3], "
              "points_features [N, P, C], grid_sizes [N, 3], mask [N, P]"
              " -> grad_points_3d [N, P, 3] if need_grad_points_3d else [0], "
              "grad_points_features [N, P, C] if need_grad_points_features else [0], "
              "grad_volume_densities [N, 1, D, H, W] if need_grad_volume_densities else [0], "
              "grad_volume_features [N, C, D, H, W] if need_grad_volume_features else [0], "
              "grad_mask [N, P] if need_grad_mask else [0]",
    .require = "point_weight finite",
});

}  // namespace
}  // namespace bisque
