#include <bisque/ops3d/face_areas_normals/face_areas_normals_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::FaceAreasNormals)
BISQUE_ON_CUDA(bisque::FaceAreasNormalsBackward)
