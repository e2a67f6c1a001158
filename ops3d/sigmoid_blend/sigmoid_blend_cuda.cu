#include <bisque/ops3d/sigmoid_blend/sigmoid_blend_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::SigmoidBlend)
BISQUE_ON_CUDA(bisque::SigmoidBlendBackward)
