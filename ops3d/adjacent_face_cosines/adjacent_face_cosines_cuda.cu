#include <bisque/ops3d/adjacent_face_cosines/adjacent_face_cosines_kernels.h>
#include <bisque/core/ops/scan.cuh>

BISQUE_ON_CUDA(bisque::AdjacentFaceCosines)
BISQUE_ON_CUDA(bisque::AdjacentFaceCosinesBackward)
