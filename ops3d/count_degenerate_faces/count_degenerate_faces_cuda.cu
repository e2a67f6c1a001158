#include <bisque/ops3d/count_degenerate_faces/count_degenerate_faces_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::CountDegenerateFaces)
