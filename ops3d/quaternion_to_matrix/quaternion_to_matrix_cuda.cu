#include <bisque/ops3d/quaternion_to_matrix/quaternion_to_matrix_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::QuaternionToMatrix)
BISQUE_ON_CUDA(bisque::QuaternionToMatrixBackward)
BISQUE_ON_CUDA(bisque::QuaternionToMatrixBackwardBackward)
