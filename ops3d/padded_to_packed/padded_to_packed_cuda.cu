#include <bisque/ops3d/padded_to_packed/padded_to_packed_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::PaddedToPacked)
BISQUE_ON_CUDA(bisque::PaddedToPackedBackward)
