#include <bisque/ops3d/vertex_normals/vertex_normals_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::VertexNormals)
BISQUE_ON_CUDA(bisque::VertexNormalsBackward)
