// composite and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

// The values of CompositeMode.
constexpr int64_t kCompositeAlpha = 0, kCompositeNormWeightedSum = 2;

/// The least sum of alphas that kCompositeNormWeightedSum divides by.
constexpr double kMinAlphaSum = 1e-4;

/// The points of a pixel, front to back: position(k) is the k-th in alphas and points_idx.
template <class P>
struct CompositePixel {
  const P& p;
  int64_t image, pixel, area;

  BISQUE_HOST_DEVICE CompositePixel(const P& p, int64_t index)
      : p(p), image(index / (p.H * p.W)), pixel(index % (p.H * p.W)), area(p.H * p.W) {}

  BISQUE_HOST_DEVICE int64_t position(int64_t k) const { return (image * p.K + k) * area + pixel; }
  BISQUE_HOST_DEVICE int64_t channel(int64_t c) const { return (image * p.C + c) * area + pixel; }
  BISQUE_HOST_DEVICE bool has(int64_t k) const {
    const int64_t point = p.points_idx[position(k)];
    return point >= 0 && point < p.P;
  }
  BISQUE_HOST_DEVICE int64_t point(int64_t k) const { return p.points_idx[position(k)]; }
  BISQUE_HOST_DEVICE auto alpha(int64_t k) const { return p.alphas[position(k)]; }

  BISQUE_HOST_DEVICE auto alpha_sum() const {
    typename P::Float sum = 0;
    for (int64_t k = 0; k < p.K; ++k) sum += has(k) ? alpha(k) : 0;
    return sum;
  }
};

/// Calls use(k, weight) for each point of a pixel; the pixel's value is the sum of weight * feature.
template <class P, class Use>
BISQUE_HOST_DEVICE inline void for_each_weight(const CompositePixel<P>& pixel, Use&& use) {
  using T = typename P::Float;
  T factor = 1;  // for kCompositeAlpha, the light that passes the points in front
  if (pixel.p.mode == kCompositeNormWeightedSum) {
    const T sum = pixel.alpha_sum();
    factor = 1 / (sum > T(kMinAlphaSum) ? sum : T(kMinAlphaSum));
  }
  for (int64_t k = 0; k < pixel.p.K; ++k) {
    if (!pixel.has(k)) continue;
    use(k, pixel.alpha(k) * factor);
    if (pixel.p.mode == kCompositeAlpha) factor *= 1 - pixel.alpha(k);
  }
}

/// Reports a point that does not exist; a negative index is no point.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_points(const CompositePixel<P>& pixel) {
  for (int64_t k = 0; k < pixel.p.K; ++k) {
    if (pixel.point(k) >= pixel.p.P) return check_index(pixel.p.points_idx, pixel.position(k), pixel.p.P);
  }
  return {};
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue composite_pixel(const P& p, int64_t index) {
  const CompositePixel<P> pixel(p, index);
  for (int64_t c = 0; c < p.C; ++c) p.images[pixel.channel(c)] = 0;
  for_each_weight(pixel, [&](int64_t k, typename P::Float weight) {
    const auto* feature = p.features + pixel.point(k);
    for (int64_t c = 0; c < p.C; ++c) p.images[pixel.channel(c)] += weight * feature[c * p.P];
  });
  return check_points(pixel);
}

/// The derivative by the weight of a point.
template <class P>
BISQUE_HOST_DEVICE inline auto weight_gradient(const CompositePixel<P>& pixel, int64_t k) {
  typename P::Float sum = 0;
  const auto* feature = pixel.p.features + pixel.point(k);
  for (int64_t c = 0; c < pixel.p.C; ++c) sum += pixel.p.grad_images[pixel.channel(c)] * feature[c * pixel.p.P];
  return sum;
}

template <class P>
BISQUE_HOST_DEVICE inline void alpha_gradients(const CompositePixel<P>& pixel) {
  using T = typename P::Float;
  const P& p = pixel.p;
  T passed = 1;
  for (int64_t k = 0; k < p.K; ++k) {
    p.grad_alphas[pixel.position(k)] = passed;
    if (pixel.has(k)) passed *= 1 - pixel.alpha(k);
  }
  T behind = 0;  // the derivative by the light that passes this point
  for (int64_t k = p.K - 1; k >= 0; --k) {
    T& grad = p.grad_alphas[pixel.position(k)];
    if (!pixel.has(k)) {
      grad = 0;
      continue;
    }
    const T own = weight_gradient(pixel, k), alpha = pixel.alpha(k);
    grad *= own - behind;
    behind = own * alpha + (1 - alpha) * behind;
  }
}

template <class P>
BISQUE_HOST_DEVICE inline void norm_gradients(const CompositePixel<P>& pixel) {
  using T = typename P::Float;
  const T sum = pixel.alpha_sum(), divisor = sum > T(kMinAlphaSum) ? sum : T(kMinAlphaSum);
  T value = 0;  // the sum of all alphas with their derivatives
  for (int64_t k = 0; k < pixel.p.K; ++k) {
    if (pixel.has(k)) value += pixel.alpha(k) * weight_gradient(pixel, k);
  }
  const T of_divisor = sum > T(kMinAlphaSum) ? value / divisor : T(0);
  for (int64_t k = 0; k < pixel.p.K; ++k) {
    T& grad = pixel.p.grad_alphas[pixel.position(k)];
    grad = pixel.has(k) ? (weight_gradient(pixel, k) - of_divisor) / divisor : T(0);
  }
}

template <class P>
BISQUE_HOST_DEVICE inline BadValue pixel_alpha_gradients(const P& p, int64_t index) {
  const CompositePixel<P> pixel(p, index);
  if (p.mode == kCompositeAlpha) {
    alpha_gradients(pixel);
  } else if (p.mode == kCompositeNormWeightedSum) {
    norm_gradients(pixel);
  } else {
    for (int64_t k = 0; k < p.K; ++k) {
      p.grad_alphas[pixel.position(k)] = pixel.has(k) ? weight_gradient(pixel, k) : typename P::Float(0);
    }
  }
  return check_points(pixel);
}

/// Calls add(sum, addend) for what a pixel adds to the gradient of a channel of the features.
template <class P, class Add>
BISQUE_HOST_DEVICE inline void for_each_feature_addend(const CompositePixel<P>& pixel, int64_t c, const Add& add) {
  const auto grad = pixel.p.grad_images[pixel.channel(c)];
  for_each_weight(pixel,
                  [&](int64_t k, typename P::Float weight) { add(c * pixel.p.P + pixel.point(k), weight * grad); });
}

template <class P>
inline BadValue channel_feature_gradient(const P& p, int64_t c) {
  for (int64_t index = 0; index < p.N * p.H * p.W; ++index) {
    const CompositePixel<P> pixel(p, index);
    for_each_feature_addend(pixel, c, [&](int64_t sum, typename P::Float addend) { p.grad_features[sum] += addend; });
    if (const BadValue bad = check_points(pixel); bad.array) return bad;
  }
  return {};
}

// The CPU shares out channels, so that no two threads add to one sum. (CUDA: composite_cuda.cu.)
template <class P>
void add_feature_gradients(const OnCpu& on, const P& p) {
  fill_zero(on, p.grad_features, p.C * p.P);
  each<channel_feature_gradient<P>, 1>(on, p, p.C);
}
template <class P>
void add_feature_gradients(const OnCuda& on, const P& p);

template <class T>
struct Composite {
  using Float = T;
  const T* features;          // [C, P]
  const T* alphas;            // [N, K, H, W]
  const int64_t* points_idx;  // [N, K, H, W]
  int64_t mode;               // CompositeMode
  T* images;                  // [N, C, H, W]
  int64_t C, P, N, K, H, W;

  template <class On>
  void run(const On& on) const {
    each<composite_pixel<Composite>, 64>(on, *this, N * H * W);
  }
};

template <class T>
struct CompositeBackward {
  using Float = T;
  const T* grad_images;  // [N, C, H, W]
  const T* features;     // from here as in Composite
  const T* alphas;
  const int64_t* points_idx;
  int64_t mode;
  bool need_grad_features, need_grad_alphas;
  T* grad_features;  // [C, P]
  T* grad_alphas;    // [N, K, H, W]
  // Scratch of CUDA, or null where grad_features is:
  T* largest;     // [C, P] the greatest absolute value that is added to each sum
  int64_t* sums;  // [C, P, 2] sums in fixed point
  int64_t N, C, H, W, P, K;

  template <class On>
  void run(const On& on) const {
    if (grad_alphas) each<pixel_alpha_gradients<CompositeBackward>, 64>(on, *this, N * H * W);
    if (grad_features) add_feature_gradients(on, *this);
  }
};

}  // namespace bisque
