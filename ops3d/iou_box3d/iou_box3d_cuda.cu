#include <bisque/ops3d/iou_box3d/iou_box3d_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::IouBox3d)
