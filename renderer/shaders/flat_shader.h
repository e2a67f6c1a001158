// HardFlatShader: lights each face.
#pragma once
#include <bisque/renderer/shaders/shader.h>

namespace bisque {

/// The colours [N, H, W, K, 3] of fragments, lit at the middle of the face with its normal: texel (ambient + diffuse) +
/// specular.
at::Tensor flat_colors(const Fragments& fragments, const Scene& scene);

/// Lights each face; the nearest face counts. -> [N, H, W, 4]
class HardFlatShader : public ModuleOf<HardFlatShader, BlendingShader> {
 public:
  using ModuleOf::ModuleOf;
  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;
};

}  // namespace bisque
