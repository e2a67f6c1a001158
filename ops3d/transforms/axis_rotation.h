// Internal. Rotations about a coordinate axis.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque::transforms {

/// Matrices [..., 3, 3] that rotate column vectors about an axis (0 is X) by angles [...] in radians.
at::Tensor axis_rotation(int64_t axis, const at::Tensor& angle);

}  // namespace bisque::transforms
