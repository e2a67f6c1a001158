#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/transforms/smooth.h>
#include <bisque/renderer/lights/light_reflection.h>

namespace bisque {
namespace {

using at::Tensor;

Tensor normalized(const Tensor& vectors) {
  return vectors / transforms::safe_sqrt(transforms::square_sum(vectors)).clamp_min(1e-6);
}

Tensor row_dot(const Tensor& a, const Tensor& b) { return (a * b).sum(-1, /*keepdim=*/true); }

Tensor directions_to(const Tensor& lights, const Tensor& points) {
  const Tensor is_point = beside_points(lights.narrow(1, 3, 1), points);
  return normalized(beside_points(lights.narrow(1, 0, 3), points) - is_point * points);
}

void check_points(const Tensor& normals, const Tensor& points) {
  if (points.dim() < 2 || points.size(-1) != 3 || points.sizes() != normals.sizes()) {
    fail("Lights: expected normals and points to have one shape [N, ..., 3], but got ", normals.sizes(), " and ",
         points.sizes(), ".");
  }
}

}  // namespace

Tensor beside_points(const Tensor& parameters, const Tensor& points) {
  std::vector<int64_t> sizes(static_cast<size_t>(points.dim()), 1);
  sizes.front() = parameters.size(0);
  if (parameters.dim() > 1) sizes.back() = parameters.size(1);
  return parameters.reshape(sizes);
}

Tensor diffuse_reflection(const Tensor& normals, const Tensor& points, const Tensor& lights, const Tensor& color) {
  check_points(normals, points);
  return beside_points(color, points) * row_dot(normalized(normals), directions_to(lights, points)).relu();
}

Tensor specular_reflection(const Tensor& normals, const Tensor& points, const Tensor& lights, const Tensor& color,
                           const Tensor& camera_position, const Tensor& shininess) {
  check_points(normals, points);
  const Tensor n = normalized(normals), l = directions_to(lights, points), cosine = row_dot(n, l);
  const Tensor view = normalized(beside_points(camera_position, points) - points);
  const Tensor highlight = row_dot(view, 2 * cosine * n - l), exponent = beside_points(shininess, points);
  const Tensor is_lit = (cosine > 0).logical_and(highlight > 0);
  // Where it is not lit, the power of 0, whose derivatives would be infinite.
  const Tensor power = at::where(is_lit, at::where(is_lit, highlight, 1.0).pow(exponent),
                                 at::zeros_like(highlight).pow(exponent.detach()));
  return beside_points(color, points) * power;
}

}  // namespace bisque
