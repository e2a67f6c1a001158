#include <ATen/ATen.h>

#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/lights/light_reflection.h>
#include <bisque/renderer/lights/lights.h>

namespace bisque {

using at::Tensor;

Lights::Lights(const LightColors& colors, const ParameterBatch& batch)
    : ambient_color(*this, "ambient_color", batch.get("ambient_color", colors.ambient_color, {3})),
      diffuse_color(*this, "diffuse_color", batch.get("diffuse_color", colors.diffuse_color, {3})),
      specular_color(*this, "specular_color", batch.get("specular_color", colors.specular_color, {3})) {}

Tensor Lights::diffuse(const Tensor& normals, const Tensor& points) const {
  const Tensor lights = positions();
  return lights.defined() ? diffuse_reflection(normals, points, lights, diffuse_color) : at::zeros_like(points);
}

Tensor Lights::specular(const Tensor& normals, const Tensor& points, const Tensor& camera_position,
                        const Tensor& shininess) const {
  const Tensor lights = positions();
  if (!lights.defined()) return at::zeros_like(points);
  return specular_reflection(normals, points, lights, specular_color, camera_position, shininess);
}

}  // namespace bisque
