#include <bisque/ops3d/points_to_volumes/points_to_volumes_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::PointsToVolumes)
BISQUE_ON_CUDA(bisque::PointsToVolumesBackward)
