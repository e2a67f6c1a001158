// What softmax_blend and sigmoid_blend share, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <cmath>

#include <bisque/core/ops/each.h>

namespace bisque {

/// How much a face covers its pixel: the sigmoid of -dist / sigma; 0 for background.
template <class P>
BISQUE_HOST_DEVICE inline auto coverage(const P& p, int64_t sample) {
  using T = typename P::Float;
  if (p.pix_to_face[sample] < 0) return T(0);
  return 1 / (1 + std::exp(p.dists[sample] / static_cast<T>(p.sigma)));
}

/// What none of the K faces of a pixel covers.
template <class P>
BISQUE_HOST_DEVICE inline auto uncovered(const P& p, int64_t pixel) {
  typename P::Float product = 1;
  for (int64_t k = 0; k < p.K; ++k) product *= 1 - coverage(p, pixel * p.K + k);
  return product;
}

/// Calls use(sample, product) with the product of 1 - coverage of the other faces of the pixel, without a division.
/// `before` holds K numbers.
template <class P, class Use>
BISQUE_HOST_DEVICE inline void for_each_uncovered_by_others(const P& p, int64_t pixel, typename P::Float* before,
                                                            Use&& use) {
  typename P::Float product = 1;
  for (int64_t k = 0; k < p.K; ++k) {
    before[k] = product;
    product *= 1 - coverage(p, pixel * p.K + k);
  }
  product = 1;
  for (int64_t k = p.K - 1; k >= 0; --k) {
    use(pixel * p.K + k, before[k] * product);
    product *= 1 - coverage(p, pixel * p.K + k);
  }
}

/// The derivative of the coverage by the distance.
template <class P>
BISQUE_HOST_DEVICE inline auto coverage_gradient(const P& p, int64_t sample) {
  const auto covered = coverage(p, sample);
  return -covered * (1 - covered) / static_cast<typename P::Float>(p.sigma);
}

}  // namespace bisque
