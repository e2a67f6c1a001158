// Shaders that light each vertex.
#pragma once
#include <bisque/renderer/shaders/shader.h>

namespace bisque {

/// The colours [N, H, W, K, 3] of fragments, lit at the verts and interpolated: color (ambient + diffuse) + specular.
/// Error: textures other than TexturesVertex with 3 channels.
at::Tensor gouraud_colors(const Fragments& fragments, const Scene& scene);

/// Lights each vertex; the nearest face counts. -> [N, H, W, 4]
class HardGouraudShader : public ModuleOf<HardGouraudShader, BlendingShader> {
 public:
  using ModuleOf::ModuleOf;
  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;
};

/// Lights each vertex, and blends by softmax_blend. -> [N, H, W, 4]
class SoftGouraudShader : public ModuleOf<SoftGouraudShader, BlendingShader> {
 public:
  using ModuleOf::ModuleOf;
  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;
};

}  // namespace bisque
