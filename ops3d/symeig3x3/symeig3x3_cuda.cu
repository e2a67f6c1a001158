#include <bisque/ops3d/symeig3x3/symeig3x3_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::SymEig3x3)
BISQUE_ON_CUDA(bisque::SymEig3x3Backward)
