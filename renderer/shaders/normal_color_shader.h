// NormalColorShader: normals as colours.
#pragma once
#include <bisque/renderer/shaders/studio_shader.h>

namespace bisque {

/// The interpolated unit normal n in world space as (n + 1) / 2: red is +X, green +Y, blue +Z. A surface that faces a
/// camera in front of the model is (0.5, 0.5, 1).
class NormalColorShader : public ModuleOf<NormalColorShader, OpaqueShader> {
 public:
  NormalColorShader();

  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;
  Encoding encoding() const override { return Encoding::kLinear; }

  Child<StudioShader> axes;  // a light on each axis
};

}  // namespace bisque
