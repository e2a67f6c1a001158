#include <bisque/ops3d/weighted_gather_scatter/weighted_gather_scatter_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::WeightedGatherScatter)
BISQUE_ON_CUDA(bisque::WeightedGatherScatterBackward)
