// StudioShader: a shader with lights and a material of its own.
#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include <bisque/renderer/shaders/shader.h>

namespace bisque {

/// How light meets the surface. Colours are linear light, not sRGB.
struct PhongMaterial {
  double specular = 0.15;  // weight of the highlight, in the light's colour
  double shininess = 24;   // its exponent
  // How far light reaches round the terminator: diffuse = max(0, (n.l + wrap) / (1 + wrap)); 0 is Lambert.
  double wrap = 0.25;
};

/// A distant light: the direction towards it in world space, and its linear colour.
struct DirectionalLight {
  float direction[3];
  float color[3];
};

struct Lighting {
  float ambient[3];
  std::vector<DirectionalLight> lights;
};

/// Lighting for white models: a soft key light from the upper left of the picture, a fill from the right and a rim
/// light from behind. The lights are relative to the camera whose rotation [3, 3] is `R`; undefined: a camera in front
/// that looks along -Z.
Lighting studio_lighting(const at::Tensor& R = {});

/// Lights opaque surfaces as the op phong_shading does, with Blinn's highlight, by lights and a material of its own;
/// those of the scene are not used. -> [N, H, W, 4] in linear light
class StudioShader : public ModuleOf<StudioShader, OpaqueShader> {
 public:
  explicit StudioShader(const Lighting& lighting = studio_lighting(), const PhongMaterial& material = {});

  at::Tensor forward(const Fragments& fragments, const Scene& scene) const override;

  /// forward for surfaces whose colour at each fragment is in `texels` [N, sH, sW, K, 3], linear; undefined: white.
  at::Tensor shade(const Fragments& fragments, const Scene& scene, const at::Tensor& texels) const;

  Buffer lights;        // [L, 4]
  Buffer light_colors;  // [L, 3]
  Buffer ambient;       // [3]
  Buffer albedo;        // [3]

 private:
  PhongMaterial material_;
};

}  // namespace bisque
