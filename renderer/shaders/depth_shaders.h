// Shaders of depth and silhouettes.
#pragma once
#include <bisque/renderer/shaders/shader.h>

namespace bisque {

/// The depth of the nearest face in view space; that of the camera's far plane (100 for cameras without one) where no
/// face is. -> [N, H, W, 1]
class HardDepthShader : public ModuleOf<HardDepthShader, Shader> {
 public:
  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;
};

/// Depths blended by coverage: a face covers sigmoid(-dist / sigma) of its pixel, the nearer faces first, until the
/// pixel is full; the rest has the depth of the far plane. -> [N, H, W, 1]
class SoftDepthShader : public ModuleOf<SoftDepthShader, Shader> {
 public:
  /// Error: a sigma that is not above 0.
  explicit SoftDepthShader(double sigma = 1e-4);
  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;

 private:
  double sigma_;
};

/// White, with an alpha that is differentiable by the shape of the silhouette: sigmoid_blend. The blur_radius of the
/// rasterizer is the squared distance within which faces count: ln(1 / 1e-4 - 1) sigma for a coverage of 1e-4.
/// -> [N, H, W, 4]
class SoftSilhouetteShader : public ModuleOf<SoftSilhouetteShader, Shader> {
 public:
  /// Error: a sigma that is not above 0.
  explicit SoftSilhouetteShader(double sigma = 1e-4);
  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;

 private:
  double sigma_;
};

}  // namespace bisque
