// Shaders that light each pixel.
#pragma once
#include <bisque/renderer/shaders/shader.h>

namespace bisque {

/// The colours [N, H, W, K, 3] of fragments, lit at the interpolated positions and normals of the verts: texel (ambient
/// + diffuse) + specular, with the reflected highlight. By the op phong_shading.
at::Tensor phong_colors(const Fragments& fragments, const Scene& scene);

/// Lights each pixel; the nearest face counts. -> [N, H, W, 4]
class HardPhongShader : public ModuleOf<HardPhongShader, BlendingShader> {
 public:
  using ModuleOf::ModuleOf;
  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;
};

/// Lights each fragment, and blends by softmax_blend. -> [N, H, W, 4]
class SoftPhongShader : public ModuleOf<SoftPhongShader, BlendingShader> {
 public:
  using ModuleOf::ModuleOf;
  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;
};

}  // namespace bisque
