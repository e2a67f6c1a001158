// The exponential and logarithmic map of rotations, SO(3), and their angles.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>

namespace bisque {

// Tensors of float32 or float64 with any leading sizes. Twice differentiable, deterministic. Errors: a
// shape that does not fit, integers.

/// The skew-symmetric matrices [..., 3, 3] of vectors [..., 3]: hat(v) x is the cross product of v and x.
at::Tensor hat(const at::Tensor& v);

/// The vectors [..., 3] of skew-symmetric matrices [..., 3, 3]. Error: an element of h + h^T is greater than 1e-5, or
/// than 1e-5 of the largest element of h if that is above 1. The check waits for CUDA.
at::Tensor hat_inv(const at::Tensor& h);

/// Rotation matrices [..., 3, 3] = exp(hat(log_rot)) of vectors [..., 3]; the same as axis_angle_to_matrix. Exact for
/// any angle, with the exact gradient, also at zero.
at::Tensor so3_exp_map(const at::Tensor& log_rot);

/// Vectors [..., 3] with lengths in [0, pi] of rotation matrices R [..., 3, 3]: the inverse of so3_exp_map, the same as
/// matrix_to_axis_angle. Gradients are exact at zero and up to pi. At pi the map has two values, v and -v: see
/// matrix_to_quaternion for the choice.
///
/// Error: a trace outside [-1 - eps, 3 + eps]. The check waits for CUDA.
at::Tensor so3_log_map(const at::Tensor& R, double eps = 1e-4);

struct RotationAngleOptions {
  double eps = 1e-4;       // by which the trace may lie outside [-1, 3]
  bool cos_angle = false;  // the cosine of the angle instead
  /// If it is set, the angle is that of PyTorch3D: acos_linear_extrapolation(cosine, 1 - cos_bound), which is wrong by
  /// up to sqrt(cos_bound / 2) next to 0 and pi; 0: acos, whose gradient is infinite there.
  std::optional<double> cos_bound = std::nullopt;
};

/// The angles [...] in [0, pi] of rotation matrices R [..., 3, 3]. The default is atan2 of sine and cosine, which is
/// exact everywhere; its gradient is finite: at 0 and pi, where the angle has a corner, it is zero.
///
/// Error: a trace outside [-1 - eps, 3 + eps]; cos_bound outside [0, 1]. The check of the trace waits for CUDA.
at::Tensor so3_rotation_angle(const at::Tensor& R, const RotationAngleOptions& options = {});

/// The angles [...] between rotations R1 and R2 [..., 3, 3]: so3_rotation_angle of R1 R2^T.
at::Tensor so3_relative_angle(const at::Tensor& R1, const at::Tensor& R2, const RotationAngleOptions& options = {});

struct AcosBounds {
  double lower = -1 + 1e-4;
  double upper = 1 - 1e-4;
};

/// acos(x) for x within the bounds, outside the tangent at the nearer bound, so that values and gradients are finite
/// for all x. Any shape. Error: bounds that are not within (-1, 1), or lower > upper.
at::Tensor acos_linear_extrapolation(const at::Tensor& x, const AcosBounds& bounds = {});

}  // namespace bisque
