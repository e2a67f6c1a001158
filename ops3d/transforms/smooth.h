// Internal. Functions whose formula fails at zero although they are smooth there.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque::transforms {

// Functions of the square of an angle, so that no square root is at zero. Values and derivatives of any order are
// finite and accurate for squares in [0, 4 pi^2).

/// cos(angle / 2).
at::Tensor cos_half(const at::Tensor& squares);
/// sin(angle / 2) / angle.
at::Tensor sin_half_over_angle(const at::Tensor& squares);
/// (1 - cos(angle)) / angle^2.
at::Tensor one_minus_cos_over_square(const at::Tensor& squares);
/// (angle - sin(angle)) / angle^3.
at::Tensor angle_minus_sin_over_cube(const at::Tensor& squares);
/// (1 - angle / 2 * cot(angle / 2)) / angle^2.
at::Tensor one_minus_cot_over_square(const at::Tensor& squares);

/// 2 atan2(lengths, w) / lengths where the squares of `lengths` are given: the factor of the vector part of a
/// quaternion [w, v] that makes it axis and angle. Where v is zero: 2 / w. Where w is zero too: 2.
at::Tensor axis_angle_factor(const at::Tensor& squares, const at::Tensor& w);

/// Sums of squares in a dimension, which is kept.
at::Tensor square_sum(const at::Tensor& vectors, int64_t dim = -1);

/// The square root; zero with gradient zero where x <= tiny.
at::Tensor safe_sqrt(const at::Tensor& x, double tiny = 0);

/// The vectors in the last dimension divided by their lengths, for lengths of any size. A zero vector stays zero, and
/// its gradient is finite.
at::Tensor unit_vectors(const at::Tensor& vectors);

}  // namespace bisque::transforms
