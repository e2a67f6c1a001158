// Lights: the base of all lights.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include <bisque/core/nn/module.h>
#include <bisque/renderer/batch/batch_value.h>

namespace bisque {

class ParameterBatch;

/// The colours of N lights, one per picture, or one (N = 1) for all. A single number holds for red, green and blue.
struct LightColors {
  BatchValue ambient_color = 0.5;   // [N, 3]
  BatchValue diffuse_color = 0.3;   // [N, 3]
  BatchValue specular_color = 0.2;  // [N, 3]
};

/// A light in each of N scenes. A renderer takes a list of them, for several lights at a time. Parameters are float32
/// or float64; a tensor that was given is used unmodified, so that its gradient arrives at it. Colours have no falloff
/// with distance.
///
/// Points and normals are [N, ..., 3] in world space, or [1, ..., 3], or any number if N is 1. Vectors are normalised
/// by their length, or by 1e-6 where that is greater. Results are differentiable by all floating-point arguments, never
/// NaN for finite ones, and gradients neither. Source: Phong, Illumination for Computer Generated Pictures (1975).
class Lights : public Module {
 public:
  /// For derived classes.
  Lights(const LightColors& colors, const ParameterBatch& batch);

  int64_t size() const { return ambient_color.size(0); }  ///< N

  /// Diffuse light at points: diffuse_color max(0, n . l), with l towards the light. [N, ..., 3]
  at::Tensor diffuse(const at::Tensor& normals, const at::Tensor& points) const;
  /// Light reflected to the camera at camera_position [N, 3] where n . l > 0: specular_color max(0, v . r)^shininess,
  /// with v towards the camera and r the reflection of l. shininess is [N]. A highlight of 0 has the gradient 0. [N,
  /// ..., 3]
  at::Tensor specular(const at::Tensor& normals, const at::Tensor& points, const at::Tensor& camera_position,
                      const at::Tensor& shininess) const;
  /// For phong_shading, [N, 4]: a position and 1, or a direction towards the light and 0. Undefined for ambient light.
  virtual at::Tensor positions() const = 0;

  Buffer ambient_color, diffuse_color, specular_color;  // [N, 3]

 protected:
  Lights(const Lights&) = default;
};

using LightList = std::vector<std::shared_ptr<const Lights>>;

}  // namespace bisque
