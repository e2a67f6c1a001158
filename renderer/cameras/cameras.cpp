#include <ATen/ATen.h>

#include <cmath>
#include <numbers>

#include <bisque/core/error.h>
#include <bisque/renderer/cameras/cameras.h>

namespace bisque {
namespace {

constexpr double kRadians = std::numbers::pi / 180;

Vec3d cross(const Vec3d& a, const Vec3d& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

double dot(const Vec3d& a, const Vec3d& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Vec3d minus(const Vec3d& a, const Vec3d& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }

Vec3d unit(const Vec3d& a, const char* what) {
  const double length = std::sqrt(dot(a, a));
  if (!(length > 1e-12)) fail("look_at_view_transform: ", what);
  return {a[0] / length, a[1] / length, a[2] / length};
}

}  // namespace

ViewTransform look_at_view_transform(const Vec3d& eye, const Vec3d& at, const Vec3d& up) {
  const Vec3d z = unit(minus(at, eye), "expected eye and at to differ, but they are one point.");
  const Vec3d x = unit(cross(up, z), "expected up to differ from the line of sight, but they are parallel.");
  const Vec3d y = cross(z, x);
  auto R = at::empty({1, 3, 3});
  auto T = at::empty({1, 3});
  auto r = R.accessor<float, 3>();
  auto t = T.accessor<float, 2>();
  const Vec3d axes[] = {x, y, z};
  for (int column = 0; column < 3; ++column) {
    for (int row = 0; row < 3; ++row) r[0][row][column] = static_cast<float>(axes[column][row]);
    t[0][column] = static_cast<float>(-dot(axes[column], eye));
  }
  return {R, T};
}

Vec3d orbit_position(double distance, double elevation, double azimuth, const Vec3d& at) {
  const double e = elevation * kRadians, a = azimuth * kRadians;
  return {at[0] + distance * std::cos(e) * std::sin(a), at[1] + distance * std::sin(e),
          at[2] + distance * std::cos(e) * std::cos(a)};
}

FoVPerspectiveCameras::FoVPerspectiveCameras(ViewTransform view, const FovSettings& settings)
    : R(*this, "R", std::move(view.R)), T(*this, "T", std::move(view.T)), settings_(settings) {
  if (!(settings.fov > 0 && settings.fov < 180)) {
    fail("FoVPerspectiveCameras: expected fov to lie between 0 and 180 degrees, but got ", settings.fov);
  }
  if (!(settings.aspect_ratio > 0)) {
    fail("FoVPerspectiveCameras: expected aspect_ratio to be above 0, but got ", settings.aspect_ratio);
  }
}

at::Tensor FoVPerspectiveCameras::transform_points_to_view(const at::Tensor& points) const {
  return at::matmul(points, R) + T.unsqueeze(1);
}

at::Tensor FoVPerspectiveCameras::forward(const at::Tensor& points) const {
  constexpr double kSmallest = 1e-6;
  const auto view = transform_points_to_view(points);
  const auto z = view.slice(2, 2, 3);
  const auto safe = at::where(z < 0, z.clamp_max(-kSmallest), z.clamp_min(kSmallest));
  const double scale = 1 / std::tan(settings_.fov / 2 * kRadians);
  const auto scales = at::tensor({scale / settings_.aspect_ratio, scale}, points.options());
  return at::cat({view.slice(2, 0, 2) / safe * scales, z}, 2);
}

at::Tensor FoVPerspectiveCameras::get_camera_center() const {
  return -at::matmul(T.unsqueeze(1), R.transpose(1, 2)).squeeze(1);
}

Bounds bounds_of(const at::Tensor& verts) {
  const auto flat = verts.reshape({-1, 3}).to(at::kCPU, at::kDouble);
  if (flat.size(0) == 0) fail("bounds_of: expected at least one vertex, but got none.");
  const auto low = std::get<0>(flat.min(0)), high = std::get<0>(flat.max(0));
  Bounds bounds;
  for (int i = 0; i < 3; ++i) {
    bounds.low[i] = low[i].item<double>();
    bounds.high[i] = high[i].item<double>();
  }
  return bounds;
}

std::shared_ptr<FoVPerspectiveCameras> frame(const Bounds& bounds, double aspect, const Framing& framing) {
  Vec3d middle, half;
  for (int i = 0; i < 3; ++i) {
    middle[i] = (bounds.low[i] + bounds.high[i]) / 2 + framing.offset[i];
    half[i] = std::max((bounds.high[i] - bounds.low[i]) / 2, 1e-6);
  }
  // NDC spans the shorter side, which is where `fov` is measured; the box must fit both sides.
  const double wide = std::max(aspect, 1.0), high = std::max(1 / aspect, 1.0);
  const double slope = std::tan(framing.fov / 2 * kRadians) * (1 - 2 * framing.margin);
  const auto view = look_at_view_transform(orbit_position(1, framing.elevation, framing.azimuth, {0, 0, 0}), {0, 0, 0});
  const auto r = view.R.accessor<float, 3>();
  // Each corner (x, y, z) about the middle needs x / (distance + z) within the slope.
  double distance = 0;
  for (int corner = 0; corner < 8; ++corner) {
    double v[3] = {0, 0, 0};
    for (int i = 0; i < 3; ++i) {
      const double side = (corner >> i & 1) ? half[i] : -half[i];
      for (int column = 0; column < 3; ++column) v[column] += side * r[0][i][column];
    }
    distance = std::max({distance, std::abs(v[0]) / (slope * wide) - v[2], std::abs(v[1]) / (slope * high) - v[2]});
  }
  if (framing.distance > 0) distance = framing.distance;
  const Vec3d eye = orbit_position(distance, framing.elevation, framing.azimuth, middle);
  const double radius = std::sqrt(half[0] * half[0] + half[1] * half[1] + half[2] * half[2]);
  FovSettings settings;
  settings.fov = framing.fov;
  settings.znear = std::max(distance - 2 * radius, distance * 1e-3);
  settings.zfar = distance + 4 * radius;
  return std::make_shared<FoVPerspectiveCameras>(look_at_view_transform(eye, middle), settings);
}

}  // namespace bisque
