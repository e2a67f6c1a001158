// Shader: the base of all shaders.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/nn/module.h>
#include <bisque/renderer/batch/batch_value.h>
#include <bisque/renderer/mesh/mesh_rasterizer.h>
#include <bisque/renderer/mesh/to_picture.h>
#include <bisque/renderer/shaders/scene.h>

namespace bisque {

/// How the faces of a pixel become one colour.
struct BlendOptions {
  double sigma = 1e-4;                // see softmax_blend and sigmoid_blend
  double gamma = 1e-4;                // see softmax_blend
  BatchValue background_color = 1.0;  // [3]
};

/// Makes pictures [N, H, W, C] of fragments: those of N pictures of the scene's meshes, of which pix_to_face indexes
/// meshes.faces_packed(). Differentiable by what the scene is made of, except where the documentation of a shader
/// excludes it.
class Shader : public Module {
 public:
  virtual at::Tensor forward(const Fragments& fragments, const Scene& scene) const = 0;

  /// Whether it averages fragments.samples, which else have to be 1.
  virtual bool averages_samples() const { return false; }
  /// How to_picture encodes the values.
  virtual Encoding encoding() const { return Encoding::kSrgb; }
};

/// Base of the shaders of opaque surfaces, of which the nearest face counts: pictures [N, H, W, 4] are values
/// premultiplied by the coverage, and the coverage; the samples of a pixel are averaged.
class OpaqueShader : public Shader {
 public:
  bool averages_samples() const override { return true; }
};

/// Base of the shaders that blend faces.
class BlendingShader : public Shader {
 public:
  explicit BlendingShader(const BlendOptions& options = {});

  Buffer background_color;  // [3]

 protected:
  BlendingShader(const BlendingShader&) = default;

  /// [N, H, W, 4] of colors [N, H, W, K, 3]. See hard_rgb_blend and softmax_blend, for which the cameras give the range
  /// of depth (1 to 100 if they have none).
  at::Tensor blend_hard(const at::Tensor& colors, const Fragments& fragments) const;
  at::Tensor blend_soft(const at::Tensor& colors, const Fragments& fragments, const Scene& scene) const;

  double sigma_, gamma_;
};

}  // namespace bisque
