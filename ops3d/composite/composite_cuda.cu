#include <bisque/ops3d/composite/composite_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::Composite)
BISQUE_ON_CUDA(bisque::CompositeBackward)
