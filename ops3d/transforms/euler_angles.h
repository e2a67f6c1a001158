// Euler angles.
#pragma once
#include <ATen/core/Tensor.h>

#include <string_view>

namespace bisque {

/// Rotation matrices [..., 3, 3] of Euler angles [..., 3] in radians. `convention` is three letters of X, Y and Z, such
/// as "XYZ" or "ZXZ", of which neighbours differ: R = R_X(a) R_Y(b) R_Z(c), which rotates column vectors.
///
/// float32 or float64; twice differentiable. Errors: a shape that does not fit, integers, another
/// convention.
at::Tensor euler_angles_to_matrix(const at::Tensor& euler_angles, std::string_view convention);

/// Euler angles [..., 3] of rotation matrices [..., 3, 3]: the first and third in [-pi, pi], the second in [-pi / 2, pi
/// / 2] if the first and third letter differ, else in [0, pi].
///
/// In gimbal lock, where the sine or cosine that tells the first angle from the third is within 16 roundings of zero,
/// the third angle is 0 and the first is the whole rotation; the gradients of the second and third are zero there. Near
/// it they grow without limit, as those of the angles do. Errors as above.
at::Tensor matrix_to_euler_angles(const at::Tensor& matrix, std::string_view convention);

}  // namespace bisque
