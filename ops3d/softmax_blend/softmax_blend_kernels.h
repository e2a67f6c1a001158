// softmax_blend and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/ops3d/blend/blend_kernels.h>

namespace bisque {

constexpr double kBlendEpsilon = 1e-10;  // the least nearness, and the least weight of the background

/// The weights of a pixel: of a face coverage * exp((nearness - nearest) / gamma), where nearness goes from 0 at zfar
/// to 1 at znear; the background has nearness kBlendEpsilon.
template <class P>
struct SoftmaxPixel {
  using T = typename P::Float;
  const P& p;
  int64_t pixel;
  T znear, zfar, gamma;
  T nearest = T(kBlendEpsilon);
  int64_t nearest_k = -1;  // -1: no face is nearer than kBlendEpsilon
  T background_weight = 0, weight_sum = 0;

  BISQUE_HOST_DEVICE SoftmaxPixel(const P& p, int64_t pixel) : p(p), pixel(pixel), gamma(static_cast<T>(p.gamma)) {
    const int64_t image = pixel / (p.H * p.W);
    znear = p.znear[image];
    zfar = p.zfar[image];
    for (int64_t k = 0; k < p.K; ++k) {
      if (nearness(k) > nearest) {
        nearest = nearness(k);
        nearest_k = k;
      }
    }
    const T weight = std::exp((T(kBlendEpsilon) - nearest) / gamma);
    background_weight = weight > T(kBlendEpsilon) ? weight : T(kBlendEpsilon);
    weight_sum = background_weight;
    for (int64_t k = 0; k < p.K; ++k) weight_sum += coverage(p, sample(k)) * depth_weight(k);
  }

  BISQUE_HOST_DEVICE int64_t sample(int64_t k) const { return pixel * p.K + k; }
  BISQUE_HOST_DEVICE T nearness(int64_t k) const {
    return p.pix_to_face[sample(k)] < 0 ? T(0) : (zfar - p.zbuf[sample(k)]) / (zfar - znear);
  }
  BISQUE_HOST_DEVICE T depth_weight(int64_t k) const { return std::exp((nearness(k) - nearest) / gamma); }
  BISQUE_HOST_DEVICE T weight(int64_t k) const { return coverage(p, sample(k)) * depth_weight(k); }
  BISQUE_HOST_DEVICE T color(int64_t k, int c) const { return p.colors[3 * sample(k) + c]; }

  BISQUE_HOST_DEVICE T blended(int c) const {
    T sum = background_weight * p.background[c];
    for (int64_t k = 0; k < p.K; ++k) sum += weight(k) * color(k, c);
    return sum / weight_sum;
  }
};

template <class P>
BISQUE_HOST_DEVICE inline void softmax_blend_pixel(const P& p, int64_t index) {
  const SoftmaxPixel<P> pixel(p, index);
  for (int c = 0; c < 3; ++c) p.rgba[4 * index + c] = pixel.blended(c);
  p.rgba[4 * index + 3] = 1 - uncovered(p, index);
}

/// The derivatives of a pixel's result by the weights.
template <class P>
struct SoftmaxGradient {
  using T = typename P::Float;
  const SoftmaxPixel<P>& pixel;
  const T* grad;  // of rgba
  T blended[3];

  BISQUE_HOST_DEVICE explicit SoftmaxGradient(const SoftmaxPixel<P>& pixel)
      : pixel(pixel), grad(pixel.p.grad_rgba + 4 * pixel.pixel) {
    for (int c = 0; c < 3; ++c) blended[c] = pixel.blended(c);
  }

  BISQUE_HOST_DEVICE T by_weight(int64_t k) const {
    T sum = 0;
    for (int c = 0; c < 3; ++c) sum += grad[c] * (pixel.color(k, c) - blended[c]);
    return sum / pixel.weight_sum;
  }
  BISQUE_HOST_DEVICE T by_background_weight() const {
    T sum = 0;
    for (int c = 0; c < 3; ++c) sum += grad[c] * (pixel.p.background[c] - blended[c]);
    return sum / pixel.weight_sum;
  }
};

template <class P>
BISQUE_HOST_DEVICE inline void softmax_color_gradient(const P& p, int64_t index) {
  const SoftmaxPixel<P> pixel(p, index);
  for (int64_t k = 0; k < p.K; ++k) {
    const auto share = pixel.weight(k) / pixel.weight_sum;
    for (int c = 0; c < 3; ++c) p.grad_colors[3 * pixel.sample(k) + c] = share * p.grad_rgba[4 * index + c];
  }
}

template <class P>
BISQUE_HOST_DEVICE inline void softmax_dist_gradient(const P& p, int64_t index) {
  const SoftmaxPixel<P> pixel(p, index);
  const SoftmaxGradient<P> gradient(pixel);
  for_each_uncovered_by_others(p, index, p.grad_dists + index * p.K, [&](int64_t sample, typename P::Float others) {
    const int64_t k = sample - index * p.K;
    const auto by_coverage = gradient.by_weight(k) * pixel.depth_weight(k) + gradient.grad[3] * others;
    p.grad_dists[sample] = by_coverage * coverage_gradient(p, sample);
  });
}

template <class P>
BISQUE_HOST_DEVICE inline void softmax_zbuf_gradient(const P& p, int64_t index) {
  using T = typename P::Float;
  const SoftmaxPixel<P> pixel(p, index);
  const SoftmaxGradient<P> gradient(pixel);
  const T scale = -1 / (pixel.gamma * (pixel.zfar - pixel.znear));
  const bool background_moves = pixel.background_weight > T(kBlendEpsilon);
  T sum = background_moves ? gradient.by_background_weight() * pixel.background_weight : T(0);
  for (int64_t k = 0; k < p.K; ++k) {
    const T own = gradient.by_weight(k) * pixel.weight(k);
    sum += own;
    p.grad_zbuf[pixel.sample(k)] = own * scale;
  }
  // All weights are relative to the nearest face; without the limit of the background's this sum is 0.
  if (pixel.nearest_k >= 0) p.grad_zbuf[pixel.sample(pixel.nearest_k)] -= sum * scale;
}

template <class T>
struct SoftmaxBlend {
  using Float = T;
  const T* colors;             // [N, H, W, K, 3]
  const int64_t* pix_to_face;  // [N, H, W, K]
  const T* zbuf;               // [N, H, W, K]
  const T* dists;              // [N, H, W, K]
  const T* background;         // [3]
  const T *znear, *zfar;       // [N]
  double sigma, gamma;
  T* rgba;  // [N, H, W, 4]
  int64_t N, H, W, K;

  template <class On>
  void run(const On& on) const {
    each<softmax_blend_pixel<SoftmaxBlend>, 64>(on, *this, N * H * W);
  }
};

template <class T>
struct SoftmaxBlendBackward {
  using Float = T;
  const T* grad_rgba;  // [N, H, W, 4]
  const T* colors;     // from here as in SoftmaxBlend
  const int64_t* pix_to_face;
  const T *zbuf, *dists, *background, *znear, *zfar;
  double sigma, gamma;
  bool need_grad_colors, need_grad_zbuf, need_grad_dists;
  T *grad_colors, *grad_zbuf, *grad_dists;
  int64_t N, H, W, K;

  template <class On>
  void run(const On& on) const {
    if (grad_colors) each<softmax_color_gradient<SoftmaxBlendBackward>, 64>(on, *this, N * H * W);
    if (grad_zbuf) each<softmax_zbuf_gradient<SoftmaxBlendBackward>, 64>(on, *this, N * H * W);
    if (grad_dists) each<softmax_dist_gradient<SoftmaxBlendBackward>, 64>(on, *this, N * H * W);
  }
};

}  // namespace bisque
