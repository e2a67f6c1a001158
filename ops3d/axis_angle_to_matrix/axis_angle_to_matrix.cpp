#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/axis_angle_to_matrix/axis_angle_to_matrix_kernels.h>

namespace bisque {
namespace {

const op::Op<AxisAngleToMatrix> axis_angle_to_matrix({
    .schema = "bisque::axis_angle_to_matrix(Tensor axis_angle) -> Tensor matrix",
    .shapes = "axis_angle [N, 3] -> matrix [N, 3, 3]",
    .backward = "bisque::_axis_angle_to_matrix_backward",
});

const op::Op<AxisAngleToMatrixBackward> axis_angle_to_matrix_backward({
    .schema = "bisque::_axis_angle_to_matrix_backward(Tensor grad_matrix, Tensor axis_angle) -> Tensor grad_axis_angle",
    .shapes = "grad_matrix [N, 3, 3], axis_angle [N, 3] -> grad_axis_angle [N, 3]",
    .backward = "bisque::_axis_angle_to_matrix_backward_backward",
});

const op::Op<AxisAngleToMatrixBackwardBackward> axis_angle_to_matrix_backward_backward({
    .schema = "bisque::_axis_angle_to_matrix_backward_backward(Tensor grad_grad_axis_angle, Tensor grad_matrix, Tensor "
              "axis_angle)"
              " -> (Tensor grad_grad_matrix, Tensor grad_axis_angle)",
    .shapes = "grad_grad_axis_angle [N, 3], grad_matrix [N, 3, 3], axis_angle [N, 3]"
              " -> grad_grad_matrix [N, 3, 3], grad_axis_angle [N, 3]",
});

}  // namespace
}  // namespace bisque
