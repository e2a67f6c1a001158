#include <bisque/renderer/mesh/sampled_normal_shader.h>

#include <ATen/ATen.h>

namespace bisque {
namespace {

/// Light from +X, +Y and +Z in red, green and blue. With a wrap of 1 the diffuse light of each is (n l + 1) / 2, which
/// is the normal's component as a colour.
std::shared_ptr<PhongShader> make_axes() {
  const Lighting lighting{{0, 0, 0}, {{{1, 0, 0}, {1, 0, 0}}, {{0, 1, 0}, {0, 1, 0}}, {{0, 0, 1}, {0, 0, 1}}}};
  return std::make_shared<PhongShader>(lighting, PhongMaterial{.specular = 0, .shininess = 0, .wrap = 1});
}

}  // namespace

SampledNormalShader::SampledNormalShader() : axes(*this, "axes", make_axes()) {}

at::Tensor SampledNormalShader::forward(const at::Tensor& verts, const at::Tensor& normals, const at::Tensor& faces,
                                        const Fragments& fragments, const at::Tensor& camera_position, int64_t samples,
                                        double unit) const {
  return axes(verts, normals, faces, fragments, camera_position, samples, unit);
}

}  // namespace bisque
