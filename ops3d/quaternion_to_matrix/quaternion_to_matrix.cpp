#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/quaternion_to_matrix/quaternion_to_matrix_kernels.h>

namespace bisque {
namespace {

const op::Op<QuaternionToMatrix> quaternion_to_matrix({
    .schema = "bisque::quaternion_to_matrix(Tensor quaternions) -> Tensor matrix",
    .shapes = "quaternions [N, 4] -> matrix [N, 3, 3]",
    .backward = "bisque::_quaternion_to_matrix_backward",
});

const op::Op<QuaternionToMatrixBackward> quaternion_to_matrix_backward({
    .schema =
        "bisque::_quaternion_to_matrix_backward(Tensor grad_matrix, Tensor quaternions) -> Tensor grad_quaternions",
    .shapes = "grad_matrix [N, 3, 3], quaternions [N, 4] -> grad_quaternions [N, 4]",
    .backward = "bisque::_quaternion_to_matrix_backward_backward",
});

const op::Op<QuaternionToMatrixBackwardBackward> quaternion_to_matrix_backward_backward({
    .schema = "bisque::_quaternion_to_matrix_backward_backward(Tensor grad_grad_quaternions, Tensor grad_matrix, "
              "Tensor quaternions)"
              " -> (Tensor grad_grad_matrix, Tensor grad_quaternions)",
    .shapes = "grad_grad_quaternions [N, 4], grad_matrix [N, 3, 3], quaternions [N, 4]"
              " -> grad_grad_matrix [N, 3, 3], grad_quaternions [N, 4]",
});

}  // namespace
}  // namespace bisque
