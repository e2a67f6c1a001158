// Arithmetic of quaternions. A quaternion has its real part first: [w, x, y, z].
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque {

// All functions: tensors [..., 4] of floating point, whose leading sizes broadcast; twice differentiable;
// deterministic. Errors: shapes, dtypes or devices that do not match.

/// The Hamilton product a b [..., 4]. As rotations: first b, then a.
at::Tensor quaternion_raw_multiply(const at::Tensor& a, const at::Tensor& b);

/// The product of two rotations, with a real part that is not negative.
at::Tensor quaternion_multiply(const at::Tensor& a, const at::Tensor& b);

/// The inverse of a unit quaternion: its conjugate.
at::Tensor quaternion_invert(const at::Tensor& quaternion);

/// Points [..., 3] rotated by unit quaternions [..., 4]. A quaternion of another length scales points by the square of
/// it.
at::Tensor quaternion_apply(const at::Tensor& quaternion, const at::Tensor& point);

/// q or -q, which are the same rotation: that whose real part is not negative. If the real part is zero: q.
at::Tensor standardize_quaternion(const at::Tensor& quaternions);

}  // namespace bisque
