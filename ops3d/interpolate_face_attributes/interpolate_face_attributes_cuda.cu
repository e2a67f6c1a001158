#include <bisque/ops3d/interpolate_face_attributes/interpolate_face_attributes_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::InterpolateFaceAttributes)
BISQUE_ON_CUDA(bisque::InterpolateFaceAttributesBackward)
