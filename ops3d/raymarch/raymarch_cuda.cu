#include <bisque/ops3d/raymarch/raymarch_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::Raymarch)
BISQUE_ON_CUDA(bisque::RaymarchBackward)
