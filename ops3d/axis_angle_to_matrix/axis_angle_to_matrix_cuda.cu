#include <bisque/ops3d/axis_angle_to_matrix/axis_angle_to_matrix_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::AxisAngleToMatrix)
BISQUE_ON_CUDA(bisque::AxisAngleToMatrixBackward)
BISQUE_ON_CUDA(bisque::AxisAngleToMatrixBackwardBackward)
