// PhongShader: a Module with lights and a material, based on the op phong_shading.
#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include <bisque/core/nn/module.h>
#include <bisque/ops3d/phong_shading/phong_shading.h>
#include <bisque/renderer/mesh/mesh_rasterizer.h>
#include <bisque/renderer/mesh/sampled_shader.h>

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

/// forward(world verts and normals [N, V, 3], faces [F, 3], fragments, camera_position [N, 3]) -> [N, H, W, 4], linear
/// premultiplied colour and coverage; verts and normals may be [1, V, 3], of one mesh that all pictures show; `samples`
/// along each side of a pixel are averaged. `unit` is the length in world space of 1 in verts and camera_position.
class PhongShader : public ModuleOf<PhongShader, SampledShader> {
 public:
  explicit PhongShader(const Lighting& lighting = studio_lighting(), const PhongMaterial& material = {});

  at::Tensor forward(const at::Tensor& verts, const at::Tensor& normals, const at::Tensor& faces,
                     const Fragments& fragments, const at::Tensor& camera_position, int64_t samples = 1,
                     double unit = 1) const override;

  /// forward for surfaces whose colour at each sample is in `texels` [N, sH, sW, 1, 3], linear; undefined: white.
  at::Tensor shade(const at::Tensor& verts, const at::Tensor& normals, const at::Tensor& faces,
                   const Fragments& fragments, const at::Tensor& texels, const at::Tensor& camera_position,
                   int64_t samples = 1, double unit = 1) const;

  Buffer lights;        // [L, 4]
  Buffer light_colors;  // [L, 3]
  Buffer ambient;       // [3]
  Buffer albedo;        // [3]

 private:
  PhongMaterial material_;
};

}  // namespace bisque
