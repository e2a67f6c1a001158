#include <bisque/ops3d/cubify/cubify_kernels.h>
#include <bisque/core/ops/scan.cuh>

BISQUE_ON_CUDA(bisque::Cubify)
