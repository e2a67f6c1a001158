// SampledNormalShader: normals as colours.
#pragma once
#include <bisque/renderer/mesh/phong_shader.h>
#include <bisque/renderer/mesh/sampled_shader.h>

namespace bisque {

/// The interpolated unit normal n in world space as (n + 1) / 2: red is +X, green +Y, blue +Z. A surface that faces a
/// camera in front of the model is (0.5, 0.5, 1).
class SampledNormalShader : public ModuleOf<SampledNormalShader, SampledShader> {
 public:
  SampledNormalShader();

  at::Tensor forward(const at::Tensor& verts, const at::Tensor& normals, const at::Tensor& faces,
                     const Fragments& fragments, const at::Tensor& camera_position, int64_t samples = 1,
                     double unit = 1) const override;
  Encoding encoding() const override { return Encoding::kLinear; }

  Child<PhongShader> axes;  // a light on each axis
};

}  // namespace bisque
