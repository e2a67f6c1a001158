#include <bisque/renderer/shaders/normal_color_shader.h>

#include <ATen/ATen.h>

#include <bisque/renderer/shaders/shading.h>

namespace bisque {
namespace {

/// Light from +X, +Y and +Z in red, green and blue. With a wrap of 1 the diffuse light of each is (n l + 1) / 2, which
/// is the normal's component as a colour.
std::shared_ptr<StudioShader> make_axes() {
  const Lighting lighting{{0, 0, 0}, {{{1, 0, 0}, {1, 0, 0}}, {{0, 1, 0}, {0, 1, 0}}, {{0, 0, 1}, {0, 0, 1}}}};
  return std::make_shared<StudioShader>(lighting, PhongMaterial{.specular = 0, .shininess = 0, .wrap = 1});
}

}  // namespace

NormalColorShader::NormalColorShader() : axes(*this, "axes", make_axes()) {}

at::Tensor NormalColorShader::forward(const Fragments& fragments, const Scene& scene) const {
  return axes->shade(nearest_of(fragments), scene, {});
}

}  // namespace bisque
