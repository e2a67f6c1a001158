// sigmoid_blend and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/ops3d/blend/blend_kernels.h>

namespace bisque {

template <class P>
BISQUE_HOST_DEVICE inline void sigmoid_blend_pixel(const P& p, int64_t pixel) {
  for (int c = 0; c < 3; ++c) p.rgba[4 * pixel + c] = p.K > 0 ? p.colors[3 * pixel * p.K + c] : 0;
  p.rgba[4 * pixel + 3] = 1 - uncovered(p, pixel);
}

template <class P>
BISQUE_HOST_DEVICE inline void sigmoid_blend_color_gradient(const P& p, int64_t pixel) {
  auto* grads = p.grad_colors + 3 * pixel * p.K;
  for (int64_t i = 0; i < 3 * p.K; ++i) grads[i] = i < 3 ? p.grad_rgba[4 * pixel + i] : 0;
}

template <class P>
BISQUE_HOST_DEVICE inline void sigmoid_blend_dist_gradient(const P& p, int64_t pixel) {
  const auto grad = p.grad_rgba[4 * pixel + 3];
  for_each_uncovered_by_others(p, pixel, p.grad_dists + pixel * p.K, [&](int64_t sample, typename P::Float others) {
    p.grad_dists[sample] = grad * others * coverage_gradient(p, sample);
  });
}

template <class T>
struct SigmoidBlend {
  using Float = T;
  const T* colors;             // [N, H, W, K, 3]
  const int64_t* pix_to_face;  // [N, H, W, K]
  const T* dists;              // [N, H, W, K]
  double sigma;
  T* rgba;  // [N, H, W, 4]
  int64_t N, H, W, K;

  template <class On>
  void run(const On& on) const {
    each<sigmoid_blend_pixel<SigmoidBlend>, 256>(on, *this, N * H * W);
  }
};

template <class T>
struct SigmoidBlendBackward {
  using Float = T;
  const T* grad_rgba;          // [N, H, W, 4]
  const int64_t* pix_to_face;  // from here as in SigmoidBlend
  const T* dists;
  double sigma;
  bool need_grad_colors, need_grad_dists;
  T* grad_colors;
  T* grad_dists;
  int64_t N, H, W, K;

  template <class On>
  void run(const On& on) const {
    if (grad_colors) each<sigmoid_blend_color_gradient<SigmoidBlendBackward>, 256>(on, *this, N * H * W);
    if (grad_dists) each<sigmoid_blend_dist_gradient<SigmoidBlendBackward>, 256>(on, *this, N * H * W);
  }
};

}  // namespace bisque
