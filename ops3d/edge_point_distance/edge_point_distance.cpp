#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/distance/distance_kernels.h>

namespace bisque {
namespace {

// The tree holds 32-bit indices.
const op::Op<EdgePointDistance> edge_point_distance({
    .schema = "bisque::edge_point_distance(Tensor points, Tensor points_first_idx, Tensor segms, Tensor segms_first_idx"
              ") -> (Tensor dists, Tensor idxs)",
    .shapes = "points [P, 3], points_first_idx [N], segms [S, 2, 3], segms_first_idx [N]"
              " -> dists [S], idxs int64 [S]",
    .require = "P <= 2147483647",
    .backward = "bisque::_edge_point_distance_backward",
});

const op::Op<EdgePointDistanceBackward> edge_point_distance_backward({
    .schema = "bisque::_edge_point_distance_backward(Tensor grad_dists, Tensor points, Tensor segms, Tensor idxs"
              ") -> (Tensor grad_points, Tensor grad_segms)",
    .shapes = "points [P, 3], segms [S, 2, 3], grad_dists [S], idxs [S]"
              " -> grad_points [P, 3], grad_segms [S, 2, 3]",
});

}  // namespace
}  // namespace bisque
