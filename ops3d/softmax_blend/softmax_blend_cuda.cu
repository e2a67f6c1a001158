#include <bisque/ops3d/softmax_blend/softmax_blend_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::SoftmaxBlend)
BISQUE_ON_CUDA(bisque::SoftmaxBlendBackward)
