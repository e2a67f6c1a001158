// The exponential and logarithmic map of rigid transforms, SE(3).
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque {

// Tensors of float32 or float64 with any leading sizes. Twice differentiable, deterministic. Transforms
// are matrices
// [..., 4, 4] for row vectors, as in Transform3d: the translation is the last row.

/// Transforms [..., 4, 4] of vectors [..., 6] = [log_translation, log_rotation]: the transposes of
/// exp([[hat(log_rotation), log_translation], [0, 0]]). Exact for any angle, with the exact gradient, also at zero.
/// Errors: a shape that does not fit, integers.
at::Tensor se3_exp_map(const at::Tensor& log_transform);

/// Vectors [..., 6] of transforms [..., 4, 4]: the inverse of se3_exp_map for rotations by less than pi. For gradients
/// and rotations by pi see so3_log_map.
///
/// Errors: a shape that does not fit, integers; a last column that is not [0, 0, 0, 1]; the error of so3_log_map. The
/// checks wait for CUDA.
at::Tensor se3_log_map(const at::Tensor& transform, double eps = 1e-4);

}  // namespace bisque
