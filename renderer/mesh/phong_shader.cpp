#include <ATen/ATen.h>

#include <bisque/renderer/mesh/phong_shader.h>

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

Lighting studio_lighting() {
  return {{0.055f, 0.058f, 0.065f},
          {{{-0.55f, 0.65f, 0.75f}, {0.62f, 0.60f, 0.57f}},
           {{0.85f, 0.10f, 0.45f}, {0.13f, 0.14f, 0.165f}},
           {{0.45f, 0.55f, -0.85f}, {0.30f, 0.31f, 0.33f}}}};
}

PhongShader::PhongShader(const Lighting& lighting, const PhongMaterial& material)
    : light_positions(*this, "light_positions", positions_of(lighting.lights)),
      light_colors(*this, "light_colors", colors_of(lighting.lights)),
      ambient(*this, "ambient", at::tensor(at::ArrayRef<float>(lighting.ambient, 3))),
      albedo(*this, "albedo", at::ones({3})),
      material_(material) {}

at::Tensor PhongShader::forward(const at::Tensor& verts, const at::Tensor& normals, const at::Tensor& faces,
                                const Fragments& fragments, const at::Tensor& camera_position, int64_t samples) const {
  return phong_shading(verts.reshape({-1, 3}), normals.reshape({-1, 3}),
                       packed_faces(faces, verts.size(0), verts.size(1)), fragments.pix_to_face, fragments.bary_coords,
                       camera_position, light_positions, light_colors, ambient, albedo, material_, samples);
}

}  // namespace bisque
