#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/phong_shading/phong_shading.h>
#include <bisque/renderer/shaders/shading.h>
#include <bisque/renderer/shaders/studio_shader.h>

namespace bisque {
namespace {

at::Tensor positions_of(const std::vector<DirectionalLight>& lights) {
  auto positions = at::zeros({static_cast<int64_t>(lights.size()), 4});
  for (size_t i = 0; i < lights.size(); ++i) {
    for (int k = 0; k < 3; ++k) positions[static_cast<int64_t>(i)][k] = lights[i].direction[k];
  }
  return positions;
}

at::Tensor colors_of(const std::vector<DirectionalLight>& lights) {
  auto colors = at::zeros({static_cast<int64_t>(lights.size()), 3});
  for (size_t i = 0; i < lights.size(); ++i) {
    for (int k = 0; k < 3; ++k) colors[static_cast<int64_t>(i)][k] = lights[i].color[k];
  }
  return colors;
}

}  // namespace

Lighting studio_lighting(const at::Tensor& R) {
  Lighting lighting{{0.030f, 0.032f, 0.038f},
                    {{{-0.65f, 0.75f, 0.70f}, {0.66f, 0.63f, 0.59f}},
                     {{0.95f, 0.05f, 0.55f}, {0.085f, 0.095f, 0.12f}},
                     {{0.55f, 0.50f, -0.85f}, {0.34f, 0.36f, 0.40f}}}};
  if (!R.defined()) return lighting;
  const auto rotation = R.to(at::kCPU, at::kFloat).contiguous();
  const auto r = rotation.accessor<float, 2>();
  for (DirectionalLight& light : lighting.lights) {
    // From the front camera's axes (right, up, towards it) through view space (left, up, away) to world space.
    const float view[3] = {-light.direction[0], light.direction[1], -light.direction[2]};
    for (int i = 0; i < 3; ++i) light.direction[i] = r[i][0] * view[0] + r[i][1] * view[1] + r[i][2] * view[2];
  }
  return lighting;
}

StudioShader::StudioShader(const Lighting& lighting, const PhongMaterial& material)
    : lights(*this, "lights", positions_of(lighting.lights)),
      light_colors(*this, "light_colors", colors_of(lighting.lights)),
      ambient(*this, "ambient", at::tensor(at::ArrayRef<float>(lighting.ambient, 3))),
      albedo(*this, "albedo", at::ones({3})),
      material_(material) {}

at::Tensor StudioShader::forward(const Fragments& fragments, const Scene& scene) const {
  const Fragments nearest = nearest_of(fragments);
  return shade(nearest, scene, texels_of(nearest, scene));
}

at::Tensor StudioShader::shade(const Fragments& fragments, const Scene& scene, const at::Tensor& texels) const {
  if (!scene.cameras) fail("StudioShader: expected cameras, but got none.");
  const Meshes& meshes = scene.meshes;
  const int64_t n = fragments.pix_to_face.size(0);
  const auto for_each = [n](const at::Tensor& values) { return values.unsqueeze(0).expand({n, -1, -1}); };
  const at::Tensor colors = for_each(light_colors), center = scene.cameras->get_camera_center().expand({n, 3});
  return phong_shading(meshes.verts_packed(), meshes.verts_normals_packed(), meshes.faces_packed(),
                       fragments.pix_to_face, fragments.bary_coords,
                       texels.defined() ? std::optional(texels) : std::nullopt,
                       scene.unit == 1 ? center : center / scene.unit, for_each(in_unit(lights, scene.unit)),
                       colors * albedo, colors * material_.specular, (ambient * albedo).expand({n, 3}),
                       at::full({n}, material_.shininess, meshes.verts_packed().options().requires_grad(false)),
                       {.wrap = material_.wrap, .samples = fragments.samples})
      .select(3, 0);
}

}  // namespace bisque
