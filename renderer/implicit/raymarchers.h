// Raymarchers: Modules that render rays, over the op raymarch.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/nn/module.h>
#include <bisque/ops3d/raymarch/raymarch.h>

namespace bisque {

/// The base of all raymarchers.
class Raymarcher : public ModuleOf<Raymarcher> {
 public:
  /// densities [..., P, 1] in [0, 1] and features [..., P, C] of the samples of rays, front to back -> [..., C'].
  /// Differentiable. Errors: other shapes; those of raymarch.
  virtual at::Tensor forward(const at::Tensor& densities, const at::Tensor& features) const = 0;

 protected:
  Raymarcher() = default;
  Raymarcher(const Raymarcher&) = default;
};

/// Features and opacities, [..., C + 1]: see raymarch.
class EmissionAbsorptionRaymarcher : public ModuleOf<EmissionAbsorptionRaymarcher, Raymarcher> {
 public:
  explicit EmissionAbsorptionRaymarcher(int64_t surface_thickness = 1, double eps = 1e-10)
      : surface_thickness(surface_thickness), eps(eps) {}

  at::Tensor forward(const at::Tensor& densities, const at::Tensor& features) const override;

  int64_t surface_thickness;
  double eps;
};

/// Opacities alone, [..., 1]; features are not used and may be undefined.
class AbsorptionOnlyRaymarcher : public ModuleOf<AbsorptionOnlyRaymarcher, Raymarcher> {
 public:
  at::Tensor forward(const at::Tensor& densities, const at::Tensor& features = {}) const override;
};

}  // namespace bisque
