#include <bisque/ops3d/face_cotangents/face_cotangents_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::FaceCotangents)
BISQUE_ON_CUDA(bisque::FaceCotangentsBackward)
