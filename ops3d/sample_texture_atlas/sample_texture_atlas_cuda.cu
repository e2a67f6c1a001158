#include <bisque/ops3d/sample_texture_atlas/sample_texture_atlas_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::SampleTextureAtlas)
BISQUE_ON_CUDA(bisque::SampleTextureAtlasBackward)
