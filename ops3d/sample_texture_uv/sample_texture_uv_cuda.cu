#include <bisque/ops3d/sample_texture_uv/sample_texture_uv_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::SampleTextureUv)
BISQUE_ON_CUDA(bisque::SampleTextureUvBackward)
