#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include <bisque/core/error.h>
#include <bisque/renderer/cameras/fit_camera.h>

namespace bisque {

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
  const double slope = std::tan(framing.fov / 2 * (std::numbers::pi / 180)) * (1 - 2 * framing.margin);
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
  const FoVPerspectiveOptions options = {.fov = framing.fov,
                                         .znear = std::max(distance - 2 * radius, distance * 1e-2) * unit,
                                         .zfar = (distance + 4 * radius) * unit};
  for (double& part : target) part *= unit;
  const Vec3d eye = orbit_position(distance * unit, framing.elevation, framing.azimuth, target);
  const auto transform = look_at_view_transform(eye, target);
  if (!transform.T.isfinite().all().item<bool>()) {
    fail("fit_camera: expected verts within a range of about 1e37, but their box has a side near ", 32 * unit, ".");
  }
  return std::make_shared<FoVPerspectiveCameras>(transform, options);
}

}  // namespace bisque
