#include <ATen/ATen.h>

#include <cmath>
#include <numbers>

#include <bisque/core/error.h>
#include <bisque/ops3d/transforms/smooth.h>
#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/cameras/look_at.h>

namespace bisque {
namespace {

using at::Tensor;

constexpr double kRadiansPerDegree = std::numbers::pi / 180;
constexpr double kParallel = 1e-12;  // the sine of an angle that counts as 0

Tensor spherical_positions(const Tensor& distance, const Tensor& elevation, const Tensor& azimuth, bool degrees) {
  const double scale = degrees ? kRadiansPerDegree : 1;
  const Tensor e = elevation * scale, a = azimuth * scale;
  return at::stack({distance * e.cos() * a.sin(), distance * e.sin(), distance * e.cos() * a.cos()}, 1);
}

/// Minus the world axis with the smallest component of z, made perpendicular to z.
Tensor axis_across(const Tensor& z) {
  const Tensor axis = at::one_hot(z.abs().argmin(1), 3).to(z.options());
  return transforms::unit_vectors(z * z.gather(1, z.abs().argmin(1, true)) - axis);
}

Tensor rotation_of(const Tensor& eye, const Tensor& target, const Tensor& up) {
  const Tensor sight = target - eye, ahead = at::tensor({0.0, 0.0, 1.0}, sight.options().requires_grad(false));
  const Tensor z = at::where((sight == 0).all(1, true), ahead, transforms::unit_vectors(sight));
  const Tensor across = at::linalg_cross(transforms::unit_vectors(up), z), side = transforms::unit_vectors(across);
  // The rounding error of a small vector may point along z.
  const Tensor is_parallel = (across.detach().norm(2, 1, true) <= kParallel)
                                 .logical_or(at::linalg_cross(z, side).detach().norm(2, 1, true) < 0.5);
  const Tensor y = transforms::unit_vectors(at::linalg_cross(z, at::where(is_parallel, axis_across(z), side)));
  return at::stack({at::linalg_cross(y, z), y, z}, 2);
}

ViewTransform view_of(const Tensor& eye, const Tensor& R) { return {R, -at::matmul(eye.unsqueeze(1), R).squeeze(1)}; }

}  // namespace

ViewTransform look_at_view_transform(const LookAtOptions& options) {
  const ParameterBatch batch("look_at_view_transform", {{"dist", options.dist},
                                                        {"elev", options.elev},
                                                        {"azim", options.azim},
                                                        {"eye", options.eye, 1},
                                                        {"at", options.at, 1},
                                                        {"up", options.up, 1}});
  const Tensor target = batch.get("at", options.at, {3}), up = batch.get("up", options.up, {3});
  const Tensor eye =
      options.eye.has_value()
          ? batch.get("eye", options.eye, {3})
          : target + spherical_positions(batch.get("dist", options.dist), batch.get("elev", options.elev),
                                         batch.get("azim", options.azim), options.degrees);
  return view_of(eye, rotation_of(eye, target, up));
}

ViewTransform look_at_view_transform(const Vec3d& eye, const Vec3d& at, const Vec3d& up) {
  const auto row = [](const Vec3d& v) { return at::tensor({v[0], v[1], v[2]}, at::kDouble).unsqueeze(0); };
  const Tensor from = row(eye), to = row(at), above = row(up), sight = to - from;
  const double scale = std::max(from.norm().item<double>(), to.norm().item<double>());
  if (!(sight.norm().item<double>() > kParallel * scale)) {
    fail("look_at_view_transform: expected eye and at to differ, but they are one point.");
  }
  const Tensor across = at::linalg_cross(transforms::unit_vectors(above), transforms::unit_vectors(sight));
  if (!(across.norm().item<double>() > kParallel)) {
    fail("look_at_view_transform: expected up to differ from the line of sight, but they are parallel.");
  }
  const auto [R, T] = view_of(from, rotation_of(from, to, above));
  return {R.to(at::kFloat), T.to(at::kFloat)};
}

Tensor look_at_rotation(const Tensor& camera_position, const BatchValue& at, const BatchValue& up) {
  const ParameterBatch batch("look_at_rotation",
                             {{"camera_position", camera_position, 1}, {"at", at, 1}, {"up", up, 1}});
  return rotation_of(batch.get("camera_position", camera_position, {3}), batch.get("at", at, {3}),
                     batch.get("up", up, {3}));
}

Tensor camera_position_from_spherical_angles(const BatchValue& distance, const BatchValue& elevation,
                                             const BatchValue& azimuth, bool degrees) {
  const ParameterBatch batch("camera_position_from_spherical_angles",
                             {{"distance", distance}, {"elevation", elevation}, {"azimuth", azimuth}});
  return spherical_positions(batch.get("distance", distance), batch.get("elevation", elevation),
                             batch.get("azimuth", azimuth), degrees);
}

Vec3d orbit_position(double distance, double elevation, double azimuth, const Vec3d& at) {
  const double e = elevation * kRadiansPerDegree, a = azimuth * kRadiansPerDegree;
  return {at[0] + distance * std::cos(e) * std::sin(a), at[1] + distance * std::sin(e),
          at[2] + distance * std::cos(e) * std::cos(a)};
}

}  // namespace bisque
