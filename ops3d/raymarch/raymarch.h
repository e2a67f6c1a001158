// What rays see of densities and features that are sampled along them.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/core/plugin/op.h>

namespace bisque {

struct RaymarchOptions {
  int64_t surface_thickness = 1;  // by how many samples the absorption of a sample begins after it, at least 1
  double eps = 1e-10;             // added to 1 - density in the products of weights
  bool with_weights = false;      // else weights is empty
};

/// Emission-absorption marching: R rays with P samples each, front to back.
///
///   densities  [R, P]     float32 or float64: the opacity of each sample, in [0, 1]
///   features   [R, P, C]  same dtype. With C = 0 this is marching of absorption alone: opacities remain
///   returns  rendered   [R, C]  the sum of weight_k features_k
///            opacities  [R]     1 - the product of all (1 - density)
///            weights    [R, P]  density_k times the product of (1 + eps - density_j) for j <= k - surface_thickness
///
/// Any density is taken as it is. Differentiable by densities and features, also where a density is 0 or 1 (nothing is
/// divided). Deterministic, on CUDA too. Any size may be 0. Errors: shapes, dtypes or devices that do not match, a
/// surface_thickness below 1, an eps that is not finite. Sources: Max, "Optical Models for Direct Volume Rendering",
/// 1995; PyTorch3D's EmissionAbsorptionRaymarcher and AbsorptionOnlyRaymarcher.
inline std::tuple<at::Tensor, at::Tensor, at::Tensor> raymarch(const at::Tensor& densities, const at::Tensor& features,
                                                               const RaymarchOptions& options = {}) {
  using T = at::Tensor;
  static const auto op = find_op<std::tuple<T, T, T>(const T&, const T&, int64_t, double, bool)>("bisque::raymarch");
  return op.call(densities, features, options.surface_thickness, options.eps, options.with_weights);
}

}  // namespace bisque
