#include <bisque/ops3d/rotation_6d_to_matrix/rotation_6d_to_matrix_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::Rotation6dToMatrix)
BISQUE_ON_CUDA(bisque::Rotation6dToMatrixBackward)
BISQUE_ON_CUDA(bisque::Rotation6dToMatrixBackwardBackward)
