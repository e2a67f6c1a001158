#include <bisque/ops3d/packed_to_padded/packed_to_padded_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::PackedToPadded)
BISQUE_ON_CUDA(bisque::PackedToPaddedBackward)
