#include <ATen/ATen.h>

#include <cmath>

#include <bisque/core/error.h>
#include <bisque/ops3d/transforms/arguments.h>
#include <bisque/ops3d/transforms/rotation_conversions.h>
#include <bisque/ops3d/transforms/smooth.h>
#include <bisque/ops3d/transforms/so3.h>

namespace bisque {
namespace {

using at::Tensor;
using transforms::check_last_sizes;

constexpr double kSkewTolerance = 1e-5;

/// The traces of matrices. Error: one that no rotation has.
Tensor checked_trace(const char* function, const Tensor& R, double eps) {
  check_last_sizes(function, "R", R, {3, 3});
  Tensor trace = R.diagonal(0, -2, -1).sum(-1);
  const Tensor is_outside = (trace.detach() < -1 - eps) | (trace.detach() > 3 + eps);
  if (is_outside.any().item<bool>()) {
    fail(function, ": expected R to have traces in [-1, 3] within ", eps, ", but got ",
         trace.detach().masked_select(is_outside)[0].item<double>(), ".");
  }
  return trace;
}

/// 2 sin(angle) times the axis.
Tensor twice_skew_part(const Tensor& R) {
  const std::vector<Tensor> m = R.flatten(-2).unbind(-1);
  return at::stack({m[7] - m[5], m[2] - m[6], m[3] - m[1]}, -1);
}

Tensor rotation_angle(const Tensor& R, const Tensor& trace, const RotationAngleOptions& options) {
  const Tensor cosine = (trace - 1) / 2;
  if (options.cos_angle) return cosine;
  if (!options.cos_bound) {
    const Tensor sine = transforms::safe_sqrt(transforms::square_sum(twice_skew_part(R)).squeeze(-1)) / 2;
    return at::atan2(sine, cosine);
  }
  if (*options.cos_bound == 0) return cosine.acos();
  return acos_linear_extrapolation(cosine, {*options.cos_bound - 1, 1 - *options.cos_bound});
}

Tensor checked_rotation_angle(const char* function, const Tensor& R, const RotationAngleOptions& options) {
  if (options.cos_bound && !(*options.cos_bound >= 0 && *options.cos_bound <= 1)) {
    fail(function, ": expected cos_bound to be in [0, 1], but got ", *options.cos_bound, ".");
  }
  return rotation_angle(R, checked_trace(function, R, options.eps), options);
}

/// The tangent of acos at `bound`.
Tensor acos_tangent(const Tensor& x, double bound) {
  return std::acos(bound) - (x - bound) / std::sqrt((1 - bound) * (1 + bound));
}

}  // namespace

Tensor hat(const Tensor& v) {
  check_last_sizes("hat", "v", v, {3});
  const std::vector<Tensor> e = v.unbind(-1);
  const Tensor zero = at::zeros_like(e[0]);
  return at::stack({zero, -e[2], e[1], e[2], zero, -e[0], -e[1], e[0], zero}, -1).unflatten(-1, {3, 3});
}

Tensor hat_inv(const Tensor& h) {
  check_last_sizes("hat_inv", "h", h, {3, 3});
  const Tensor matrix = h.detach();
  const Tensor error = (matrix + matrix.mT()).abs().flatten(-2).amax(-1);
  const Tensor is_wrong = error > kSkewTolerance * matrix.abs().flatten(-2).amax(-1).clamp_min(1);
  if (is_wrong.any().item<bool>()) {
    fail("hat_inv: expected h to be skew-symmetric, but an element of h + h^T is ",
         error.masked_select(is_wrong)[0].item<double>(), ".");
  }
  const std::vector<Tensor> m = h.flatten(-2).unbind(-1);
  return at::stack({m[7], m[2], m[3]}, -1);
}

Tensor so3_exp_map(const Tensor& log_rot) {
  check_last_sizes("so3_exp_map", "log_rot", log_rot, {3});
  return axis_angle_to_matrix(log_rot);
}

Tensor so3_log_map(const Tensor& R, double eps) {
  checked_trace("so3_log_map", R, eps);
  return matrix_to_axis_angle(R);
}

Tensor so3_rotation_angle(const Tensor& R, const RotationAngleOptions& options) {
  return checked_rotation_angle("so3_rotation_angle", R, options);
}

Tensor so3_relative_angle(const Tensor& R1, const Tensor& R2, const RotationAngleOptions& options) {
  constexpr const char* kName = "so3_relative_angle";
  check_last_sizes(kName, "R1", R1, {3, 3});
  check_last_sizes(kName, "R2", R2, {3, 3});
  transforms::check_batches(kName, R1, R2, 2);
  return checked_rotation_angle(kName, at::matmul(R1, R2.mT()), options);
}

Tensor acos_linear_extrapolation(const Tensor& x, const AcosBounds& bounds) {
  constexpr const char* kName = "acos_linear_extrapolation";
  check_last_sizes(kName, "x", x, {});
  const auto [lower, upper] = bounds;
  if (!(lower > -1 && upper < 1 && lower <= upper)) {
    fail(kName, ": expected bounds within (-1, 1), the lower first, but got ", lower, " and ", upper, ".");
  }
  const Tensor is_below = x<lower, is_above = x> upper;
  const Tensor inside = at::where(is_below | is_above, 0.0, x).acos();
  return at::where(is_below, acos_tangent(x, lower), at::where(is_above, acos_tangent(x, upper), inside));
}

}  // namespace bisque
