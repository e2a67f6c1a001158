#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/distance/distance_kernels.h>

namespace bisque {
namespace {

// The tree holds 32-bit indices.
const op::Op<PointFaceDistance> point_face_distance({
    .schema = "bisque::point_face_distance(Tensor points, Tensor points_first_idx, Tensor tris, Tensor tris_first_idx"
              ", float min_triangle_area=0.0) -> (Tensor dists, Tensor idxs)",
    .shapes = "points [P, 3], points_first_idx [N], tris [F, 3, 3], tris_first_idx [N]"
              " -> dists [P], idxs int64 [P]",
    .require = "min_triangle_area >= 0, F <= 2147483647",
    .backward = "bisque::_point_face_distance_backward",
});

const op::Op<PointFaceDistanceBackward> point_face_distance_backward({
    .schema = "bisque::_point_face_distance_backward(Tensor grad_dists, Tensor points, Tensor tris, Tensor idxs"
              ", float min_triangle_area) -> (Tensor grad_points, Tensor grad_tris)",
    .shapes = "points [P, 3], tris [F, 3, 3], grad_dists [P], idxs [P]"
              " -> grad_points [P, 3], grad_tris [F, 3, 3]",
    .require = "min_triangle_area >= 0",
});

}  // namespace
}  // namespace bisque
