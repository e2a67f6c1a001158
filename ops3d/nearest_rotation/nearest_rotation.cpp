#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/nearest_rotation/nearest_rotation_kernels.h>

namespace bisque {
namespace {

const op::Op<NearestRotation> nearest_rotation({
    .schema = "bisque::nearest_rotation(Tensor matrices, bool allow_reflection=False) -> Tensor rotations",
    .shapes = "matrices [N, D, D] -> rotations [N, D, D]",
    .scratch = "memory [N, 3, D, D], strengths [N, D]",
    .backward = "bisque::_nearest_rotation_backward",
});

const op::Op<NearestRotationBackward> nearest_rotation_backward({
    .schema = "bisque::_nearest_rotation_backward(Tensor grad_rotations, Tensor matrices, bool allow_reflection)"
              " -> Tensor grad_matrices",
    .shapes = "matrices [N, D, D], grad_rotations [N, D, D] -> grad_matrices [N, D, D]",
    .scratch = "memory [N, 3, D, D], strengths [N, D]",
});

}  // namespace
}  // namespace bisque
