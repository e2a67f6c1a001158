#include <bisque/ops3d/nearest_rotation/nearest_rotation_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::NearestRotation)
BISQUE_ON_CUDA(bisque::NearestRotationBackward)
