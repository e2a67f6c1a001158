// Conversions between forms of rotations: matrices, quaternions, axis and angle, 6D. Those to matrices are ops.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/ops3d/axis_angle_to_matrix/axis_angle_to_matrix.h>
#include <bisque/ops3d/quaternion_to_matrix/quaternion_to_matrix.h>
#include <bisque/ops3d/rotation_6d_to_matrix/rotation_6d_to_matrix.h>

namespace bisque {

// Matrices [..., 3, 3] rotate column vectors: R v. Quaternions [..., 4] have their real part first. An axis and angle
// is a vector [..., 3]: the axis times the angle in radians.
//
// The functions below take float32 or float64 with any leading sizes, and are deterministic and twice
// differentiable. Gradients are finite for every rotation. What has NaN gives NaN. Errors: a shape that does not fit,
// integers.

/// Unit quaternions [..., 4] of rotation matrices [..., 3, 3]; real parts are not negative. For a rotation by pi, whose
/// real part is zero, the largest imaginary part is positive (the first of exactly equal ones).
at::Tensor matrix_to_quaternion(const at::Tensor& matrix);

/// Unit quaternions [..., 4] of vectors [..., 3], of any angle. The real part is negative for angles in (pi, 3 pi).
at::Tensor axis_angle_to_quaternion(const at::Tensor& axis_angle);

/// Vectors [..., 3] of quaternions [..., 4], with angles in [0, 2 pi): above pi if the real part is negative.
/// Quaternions may have any length. The quaternion [-1, 0, 0, 0] gives zero, with the gradient of the equal rotation
/// [1, 0, 0, 0].
at::Tensor quaternion_to_axis_angle(const at::Tensor& quaternions);

/// Vectors [..., 3] of rotation matrices [..., 3, 3], with angles in [0, pi], by matrix_to_quaternion. At pi the sign
/// is that of matrix_to_quaternion, and the gradient that of the side on which angles are smaller.
at::Tensor matrix_to_axis_angle(const at::Tensor& matrix);

/// The first two rows of rotation matrices [..., 3, 3], as [..., 6].
at::Tensor matrix_to_rotation_6d(const at::Tensor& matrix);

/// Whether matrices [..., 3, 3] are rotations: the elements of R R^T - I and det(R) - 1 are at most `tol`. Returns
/// bool [...].
at::Tensor is_rotation_matrix(const at::Tensor& matrix, double tol = 1e-5);

}  // namespace bisque
