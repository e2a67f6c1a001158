#include <bisque/ops3d/gather_scatter/gather_scatter_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::GatherScatter)
BISQUE_ON_CUDA(bisque::GatherScatterBackward)
