#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/distance/distance_kernels.h>

namespace bisque {
namespace {

// The tree holds 32-bit indices.
const op::Op<PointEdgeDistance> point_edge_distance({
    .schema = "bisque::point_edge_distance(Tensor points, Tensor points_first_idx, Tensor segms, Tensor segms_first_idx"
              ") -> (Tensor dists, Tensor idxs)",
    .shapes = "points [P, 3], points_first_idx [N], segms [S, 2, 3], segms_first_idx [N]"
              " -> dists [P], idxs int64 [P]",
    .require = "S <= 2147483647",
    .backward = "bisque::_point_edge_distance_backward",
});

const op::Op<PointEdgeDistanceBackward> point_edge_distance_backward({
    .schema = "bisque::_point_edge_distance_backward(Tensor grad_dists, Tensor points, Tensor segms, Tensor idxs"
              ") -> (Tensor grad_points, Tensor grad_segms)",
    .shapes = "points [P, 3], segms [S, 2, 3], grad_dists [P], idxs [P]"
              " -> grad_points [P, 3], grad_segms [S, 2, 3]",
});

}  // namespace
}  // namespace bisque
