// raymarch and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

/// Calls use(sample, weight) along a ray. weight = density * passed, where `passed` is the product of
/// (1 + eps - density) up to `surface_thickness` samples before.
template <class P, class Use>
BISQUE_HOST_DEVICE inline void for_each_ray_weight(const P& p, int64_t ray, const Use& use) {
  using T = typename P::Float;
  const T* const densities = p.densities + ray * p.P;
  const T one = static_cast<T>(1 + p.eps);
  T passed = 1;
  for (int64_t k = 0; k < p.P; ++k) {
    if (k >= p.surface_thickness) passed *= one - densities[k - p.surface_thickness];
    use(k, densities[k] * passed);
  }
}

/// Sums of this many channels are kept in registers.
constexpr int64_t kRayChannels = 4;

template <class P>
BISQUE_HOST_DEVICE inline void render_channels(const P& p, int64_t ray, int64_t first, int64_t count) {
  typename P::Float sums[kRayChannels] = {};
  const auto* const features = p.features + ray * p.P * p.C + first;
  for_each_ray_weight(p, ray, [&](int64_t k, typename P::Float weight) {
    for (int64_t c = 0; c < kRayChannels; ++c) {
      if (c < count) sums[c] += weight * features[k * p.C + c];
    }
  });
  for (int64_t c = 0; c < count; ++c) p.rendered[ray * p.C + first + c] = sums[c];
}

template <class P>
BISQUE_HOST_DEVICE inline void march_ray(const P& p, int64_t ray) {
  using T = typename P::Float;
  for (int64_t c = 0; c < p.C; c += kRayChannels) {
    render_channels(p, ray, c, p.C - c < kRayChannels ? p.C - c : kRayChannels);
  }
  T clear = 1;
  for (int64_t k = 0; k < p.P; ++k) clear *= 1 - p.densities[ray * p.P + k];
  p.opacities[ray] = 1 - clear;
  if (!p.weights) return;
  for_each_ray_weight(p, ray, [&](int64_t k, T weight) { p.weights[ray * p.P + k] = weight; });
}

/// The derivative by the weight of a sample.
template <class P>
BISQUE_HOST_DEVICE inline auto ray_weight_gradient(const P& p, int64_t ray, int64_t k) {
  typename P::Float sum = p.grad_weights ? p.grad_weights[ray * p.P + k] : 0;
  const auto* const feature = p.features + (ray * p.P + k) * p.C;
  for (int64_t c = 0; c < p.C; ++c) sum += p.grad_rendered[ray * p.C + c] * feature[c];
  return sum;
}

/// The derivative of the opacity by density k is the product of (1 - density) of all others.
template <class P>
BISQUE_HOST_DEVICE inline void set_opacity_gradients(const P& p, int64_t ray) {
  using T = typename P::Float;
  const T* const densities = p.densities + ray * p.P;
  T* const grad = p.grad_densities + ray * p.P;
  T before = p.grad_opacities[ray], behind = 1;
  for (int64_t k = 0; k < p.P; ++k) {
    grad[k] = before;
    before *= 1 - densities[k];
  }
  for (int64_t k = p.P - 1; k >= 0; --k) {
    grad[k] *= behind;
    behind *= 1 - densities[k];
  }
}

// A density d_k is in its own weight and in the products of the samples behind it. With x_j = 1 + eps - d_j,
// before_k = x_0 ... x_(k-1), s the surface thickness and g_k the derivative by weight k,
//
//   gradient_k = g_k before_(k-s+1) - before_k behind_k,  behind_k = g_(k+s) d_(k+s) + x_(k+1) behind_(k+1)
//
// Nothing is divided by x, which is 0 where a density is 1.
template <class P>
BISQUE_HOST_DEVICE inline void ray_density_gradients(const P& p, int64_t ray) {
  using T = typename P::Float;
  set_opacity_gradients(p, ray);
  const T* const densities = p.densities + ray * p.P;
  T* const before = p.before + ray * p.P;
  const T one = static_cast<T>(1 + p.eps);
  T product = 1;
  for (int64_t k = 0; k < p.P; ++k) {
    before[k] = product;
    product *= one - densities[k];
  }
  const int64_t thickness = p.surface_thickness;
  T behind = 0, next = 0;  // next: g_(k+1)
  for (int64_t k = p.P - 1; k >= 0; --k) {
    if (k + 1 < p.P) behind *= one - densities[k + 1];
    if (k < p.P - thickness) {
      behind += (thickness == 1 ? next : ray_weight_gradient(p, ray, k + thickness)) * densities[k + thickness];
    }
    next = ray_weight_gradient(p, ray, k);
    const T passed = k >= thickness ? before[k - thickness + 1] : T(1);
    p.grad_densities[ray * p.P + k] += next * passed - before[k] * behind;
  }
}

template <class P>
BISQUE_HOST_DEVICE inline void ray_feature_gradients(const P& p, int64_t ray) {
  for_each_ray_weight(p, ray, [&](int64_t k, typename P::Float weight) {
    auto* const grad = p.grad_features + (ray * p.P + k) * p.C;
    for (int64_t c = 0; c < p.C; ++c) grad[c] = weight * p.grad_rendered[ray * p.C + c];
  });
}

template <class T>
struct Raymarch {
  using Float = T;
  const T* densities;  // [R, P]
  const T* features;   // [R, P, C]
  int64_t surface_thickness;
  double eps;
  bool with_weights;
  T* rendered;   // [R, C]
  T* opacities;  // [R]
  T* weights;    // [R, P], or null
  int64_t R, P, C;

  template <class On>
  void run(const On& on) const {
    each<march_ray<Raymarch>, 16>(on, *this, R);
  }
};

template <class T>
struct RaymarchBackward {
  using Float = T;
  const T* grad_rendered;   // [R, C]
  const T* grad_opacities;  // [R]
  const T* grad_weights;    // [R, P], or null
  const T* densities;       // from here as in Raymarch
  const T* features;
  int64_t surface_thickness;
  double eps;
  bool with_weights, need_grad_densities, need_grad_features;
  T* grad_densities;  // [R, P]
  T* grad_features;   // [R, P, C]
  T* before;          // scratch [R, P]
  int64_t R, P, C;

  template <class On>
  void run(const On& on) const {
    if (grad_densities) each<ray_density_gradients<RaymarchBackward>, 16>(on, *this, R);
    if (grad_features) each<ray_feature_gradients<RaymarchBackward>, 16>(on, *this, R);
  }
};

}  // namespace bisque
