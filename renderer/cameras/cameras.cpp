#include <ATen/ATen.h>

#include <algorithm>
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

double length_of(const Vec3d& a) { return std::sqrt(dot(a, a)); }

/// `a` scaled to length 1, unless it is within the rounding error of vectors of length `scale`.
Vec3d unit(const Vec3d& a, double scale, const char* what) {
  const double length = length_of(a);
  if (!(length > 1e-12 * scale)) fail("look_at_view_transform: ", what);
  return {a[0] / length, a[1] / length, a[2] / length};
}

}  // namespace

ViewTransform look_at_view_transform(const Vec3d& eye, const Vec3d& at, const Vec3d& up) {
  const double scale = std::max(length_of(eye), length_of(at));
  const Vec3d z = unit(minus(at, eye), scale, "expected eye and at to differ, but they are one point.");
  const Vec3d x =
      unit(cross(up, z), length_of(up), "expected up to differ from the line of sight, but they are parallel.");
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

at::Tensor FoVPerspectiveCameras::transform_points_to_view(const at::Tensor& points, double unit) const {
  const auto offset = unit == 1 ? T.unsqueeze(2) : (T / unit).unsqueeze(2);
  // Transposed, because the product, and code that uses one coordinate, are fast on long rows.
  return (at::matmul(R.transpose(1, 2), points.transpose(1, 2)) + offset).transpose(1, 2);
}

at::Tensor FoVPerspectiveCameras::forward(const at::Tensor& points, double unit) const {
  const double smallest = 1e-6 * std::min(1.0, settings_.znear / unit);
  const auto view = transform_points_to_view(points, unit).unbind(2);
  const auto& z = view[2];
  const auto safe = at::where(z < 0, z.clamp_max(-smallest), z.clamp_min(smallest));
  const double scale = 1 / std::tan(settings_.fov / 2 * kRadians);
  return at::stack({view[0] / safe * (scale / settings_.aspect_ratio), view[1] / safe * scale, z}, 2);
}

at::Tensor FoVPerspectiveCameras::get_camera_center() const {
  return -at::matmul(T.unsqueeze(1), R.transpose(1, 2)).squeeze(1);
}

double model_unit(const at::Tensor& verts) {
  if (verts.size(0) == 0) return 1;
  // In double, because the difference of two floats may exceed their range.
  const auto sides =
      verts.detach().amax(0).to(at::kCPU, at::kDouble) - verts.detach().amin(0).to(at::kCPU, at::kDouble);
  const double size = sides.max().item<double>();
  if (!(size > 0) || !std::isfinite(size)) return 1;
  constexpr int kMostBits = 120;  // so that the unit and its inverse are floats
  return std::ldexp(1, std::clamp(std::ilogb(size / 24), -kMostBits, kMostBits));
}

std::shared_ptr<FoVPerspectiveCameras> fit_camera(const at::Tensor& verts, double aspect, const Framing& framing,
                                                  const at::Tensor& scene) {
  if (verts.dim() != 2 || verts.size(1) != 3 || verts.size(0) == 0) {
    fail("fit_camera: expected verts to have shape [V, 3] with at least one vertex, but got ", verts.sizes());
  }
  auto points = verts.detach().to(at::kCPU, at::kFloat);
  if (!points.isfinite().all().item<bool>()) {
    fail("fit_camera: expected verts to be finite, but some are NaN or infinite.");
  }
  const double unit = model_unit(points);
  points = points * (1 / unit);
  const auto middle = ((points.amin(0) + points.amax(0)) / 2).contiguous();
  const auto m = middle.accessor<float, 1>();
  Vec3d target;
  for (size_t k = 0; k < 3; ++k) target[k] = m[static_cast<int64_t>(k)] + framing.offset[k] / unit;
  const auto direction = orbit_position(1, framing.elevation, framing.azimuth, {0, 0, 0});
  const auto target_point = at::tensor({target[0], target[1], target[2]}, points.options());
  const auto about = points - target_point;
  const auto view = at::matmul(about, look_at_view_transform(direction, {0, 0, 0}).R[0]);
  // NDC spans the shorter side, where `fov` is measured; a point fits if |x| / (distance + z) is within the slope.
  const double slope = std::tan(framing.fov / 2 * kRadians) * (1 - 2 * framing.margin);
  const double sides[] = {slope * std::max(aspect, 1.0), slope * std::max(1 / aspect, 1.0)};
  double distance = framing.distance / unit;
  for (int axis = 0; axis < 2 && framing.distance <= 0; ++axis) {
    distance = std::max(distance, (view.select(1, axis).abs() / sides[axis] - view.select(1, 2)).max().item<double>());
  }
  double radius = std::max(about.norm(2, 1).max().item<double>(), 1e-6);
  distance = std::max(distance, 1e-3 * radius);
  if (scene.defined() && scene.size(0) > 0 && !scene.is_same(verts)) {
    const auto around = scene.detach().to(at::kCPU, at::kFloat) * (1 / unit) - target_point;
    radius = std::max(radius, around.to(at::kDouble).norm(2, 1).max().item<double>());
  }
  FovSettings settings;
  settings.fov = framing.fov;
  settings.znear = std::max(distance - 2 * radius, distance * 1e-2) * unit;
  settings.zfar = (distance + 4 * radius) * unit;
  for (double& part : target) part *= unit;
  const Vec3d eye = orbit_position(distance * unit, framing.elevation, framing.azimuth, target);
  auto transform = look_at_view_transform(eye, target);
  if (!transform.T.isfinite().all().item<bool>()) {
    fail("fit_camera: expected verts within a range of about 1e37, but their box has a side near ", 32 * unit, ".");
  }
  return std::make_shared<FoVPerspectiveCameras>(std::move(transform), settings);
}

}  // namespace bisque
