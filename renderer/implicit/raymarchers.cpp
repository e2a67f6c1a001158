#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/implicit/raymarchers.h>

namespace bisque {
namespace {

/// Marches rays of any shape: [..., C + 1].
at::Tensor march(const char* name, const at::Tensor& densities, const at::Tensor& features,
                 const RaymarchOptions& options) {
  if (densities.dim() < 2 || densities.size(-1) != 1) {
    fail(name, ": expected densities to have shape [..., P, 1], but got ", densities.sizes(), ".");
  }
  const auto rays = densities.sizes().slice(0, static_cast<size_t>(densities.dim() - 2));
  if (features.sizes().slice(0, features.sizes().size() - 1) != densities.sizes().slice(0, rays.size() + 1)) {
    fail(name, ": expected features to have shape [..., P, C] of the samples of densities ", densities.sizes(),
         ", but got ", features.sizes(), ".");
  }
  const int64_t count = c10::multiply_integers(rays);
  const auto [rendered, opacities, weights] =
      raymarch(densities.reshape({count, densities.size(-2)}),
               features.reshape({count, densities.size(-2), features.size(-1)}), options);
  at::DimVector shape(rays);
  shape.push_back(features.size(-1) + 1);
  return at::cat({rendered, opacities.unsqueeze(1)}, 1).reshape(shape);
}

}  // namespace

at::Tensor EmissionAbsorptionRaymarcher::forward(const at::Tensor& densities, const at::Tensor& features) const {
  return march("EmissionAbsorptionRaymarcher", densities, features,
               {.surface_thickness = surface_thickness, .eps = eps});
}

at::Tensor AbsorptionOnlyRaymarcher::forward(const at::Tensor& densities, const at::Tensor&) const {
  return march("AbsorptionOnlyRaymarcher", densities, densities.slice(-1, 0, 0), {});
}

}  // namespace bisque
