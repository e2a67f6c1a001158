#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/rotation_6d_to_matrix/rotation_6d_to_matrix_kernels.h>

namespace bisque {
namespace {

const op::Op<Rotation6dToMatrix> rotation_6d_to_matrix({
    .schema = "bisque::rotation_6d_to_matrix(Tensor d6) -> Tensor matrix",
    .shapes = "d6 [N, 6] -> matrix [N, 3, 3]",
    .backward = "bisque::_rotation_6d_to_matrix_backward",
});

const op::Op<Rotation6dToMatrixBackward> rotation_6d_to_matrix_backward({
    .schema = "bisque::_rotation_6d_to_matrix_backward(Tensor grad_matrix, Tensor d6) -> Tensor grad_d6",
    .shapes = "grad_matrix [N, 3, 3], d6 [N, 6] -> grad_d6 [N, 6]",
    .backward = "bisque::_rotation_6d_to_matrix_backward_backward",
});

const op::Op<Rotation6dToMatrixBackwardBackward> rotation_6d_to_matrix_backward_backward({
    .schema = "bisque::_rotation_6d_to_matrix_backward_backward(Tensor grad_grad_d6, Tensor grad_matrix, Tensor d6)"
              " -> (Tensor grad_grad_matrix, Tensor grad_d6)",
    .shapes = "grad_grad_d6 [N, 6], grad_matrix [N, 3, 3], d6 [N, 6]"
              " -> grad_grad_matrix [N, 3, 3], grad_d6 [N, 6]",
});

}  // namespace
}  // namespace bisque
