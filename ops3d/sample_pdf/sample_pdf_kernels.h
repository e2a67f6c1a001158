// sample_pdf and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

/// The share of a bin before all are divided by their sum.
template <class P>
BISQUE_HOST_DEVICE inline auto bin_share(const P& p, int64_t ray, int64_t bin) {
  using T = typename P::Float;
  const T share = p.weights[ray * p.B + bin] + static_cast<T>(p.eps);
  return share > 0 ? share : T(0);
}

template <class P>
BISQUE_HOST_DEVICE inline void sum_shares(const P& p, int64_t ray) {
  auto* const before = p.shares_before + ray * (p.B + 1);
  before[0] = 0;
  for (int64_t bin = 0; bin < p.B; ++bin) before[bin + 1] = before[bin] + bin_share(p, ray, bin);
}

/// Where a sample lies: how far in which bin.
template <class T>
struct PlaceInBins {
  int64_t bin;
  T fraction, share, u;

  template <class P>
  BISQUE_HOST_DEVICE PlaceInBins(const P& p, int64_t ray, int64_t sample) : u(number(p, ray, sample)) {
    const T* const before = p.shares_before + ray * (p.B + 1);
    const T at = u * before[p.B];
    bin = 0;  // the last one that begins at `at` or before it; without branches, which nothing could predict
    for (int64_t left = p.B; left > 1;) {
      const int64_t half = left / 2;
      bin += before[bin + half] <= at ? half : 0;
      left -= half;
    }
    share = bin_share(p, ray, bin);
    const T inside = share > 0 ? (at - before[bin]) / share : at - at;
    fraction = inside < 0 ? T(0) : inside > 1 ? T(1) : inside;
  }

 private:
  /// u, or a number of n_samples equal steps from 0 to 1.
  template <class P>
  BISQUE_HOST_DEVICE static T number(const P& p, int64_t ray, int64_t sample) {
    if (p.u) {
      const T u = p.u[ray * p.n_samples + sample];
      return u < 0 ? T(0) : u > 1 ? T(1) : u;
    }
    return p.n_samples > 1 ? static_cast<T>(sample) / static_cast<T>(p.n_samples - 1) : T(0);
  }
};

template <class P>
BISQUE_HOST_DEVICE inline void sample_bins(const P& p, int64_t ray, int64_t sample) {
  const PlaceInBins<typename P::Float> place(p, ray, sample);
  const auto* const bins = p.bins + ray * (p.B + 1) + place.bin;
  p.samples[ray * p.n_samples + sample] = bins[0] + place.fraction * (bins[1] - bins[0]);
}

// On the CPU a step takes all samples of a ray: the division that finds a sample's ray costs as much as the sample.
template <class P>
inline void sample_ray(const P& p, int64_t ray) {
  for (int64_t sample = 0; sample < p.n_samples; ++sample) sample_bins(p, ray, sample);
}
template <class P>
void sample_rays(const OnCpu& on, const P& p) {
  each<sample_ray<P>, 16>(on, p, p.R);
}
template <class P>
void sample_rays(const OnCuda& on, const P& p) {
  each<sample_bins<P>>(on, p, p.R, p.n_samples);
}

// With shares w, their sum S and S_j the sum of those before bin j, a sample of number u in bin j lies at
// fraction t = (u S - S_j) / w_j, of which the derivative by w_i is (u - [i < j] - t [i = j]) / w_j.
template <class P>
BISQUE_HOST_DEVICE inline void sample_gradients(const P& p, int64_t ray) {
  using T = typename P::Float;
  const T* const bins = p.bins + ray * (p.B + 1);
  T* const grad_bins = p.grad_bins + ray * (p.B + 1);
  T* const grad_weights = p.grad_weights + ray * p.B;
  T* const pulls = p.pulls + ray * p.B;  // what the samples of a bin add to all bins before it
  for (int64_t i = 0; i <= p.B; ++i) grad_bins[i] = 0;
  for (int64_t i = 0; i < p.B; ++i) grad_weights[i] = pulls[i] = 0;
  T of_sum = 0;
  for (int64_t sample = 0; sample < p.n_samples; ++sample) {
    const PlaceInBins<T> place(p, ray, sample);
    const T grad = p.grad_samples[ray * p.n_samples + sample];
    grad_bins[place.bin] += grad * (1 - place.fraction);
    grad_bins[place.bin + 1] += grad * place.fraction;
    if (!(place.share > 0)) continue;
    const T by_fraction = grad * (bins[place.bin + 1] - bins[place.bin]) / place.share;
    of_sum += by_fraction * place.u;
    pulls[place.bin] += by_fraction;
    grad_weights[place.bin] += by_fraction * place.fraction;
  }
  T behind = 0;
  for (int64_t bin = p.B - 1; bin >= 0; --bin) {
    grad_weights[bin] = bin_share(p, ray, bin) > 0 ? of_sum - behind - grad_weights[bin] : T(0);
    behind += pulls[bin];
  }
}

template <class T>
struct SamplePdf {
  using Float = T;
  const T* bins;     // [R, B + 1]
  const T* weights;  // [R, B]
  int64_t n_samples;
  const T* u;  // [R, n_samples], or null
  double eps;
  T* samples;        // [R, n_samples]
  T* shares_before;  // scratch [R, B + 1]
  int64_t R, B;

  template <class On>
  void run(const On& on) const {
    each<sum_shares<SamplePdf>, 64>(on, *this, R);
    sample_rays(on, *this);
  }
};

template <class T>
struct SamplePdfBackward {
  using Float = T;
  const T* grad_samples;  // [R, n_samples]
  const T* bins;          // from here as in SamplePdf
  const T* weights;
  int64_t n_samples;
  const T* u;
  double eps;
  T* grad_bins;      // [R, B + 1]
  T* grad_weights;   // [R, B]
  T* shares_before;  // scratch [R, B + 1]
  T* pulls;          // scratch [R, B]
  int64_t R, B;

  template <class On>
  void run(const On& on) const {
    each<sum_shares<SamplePdfBackward>, 64>(on, *this, R);
    each<sample_gradients<SamplePdfBackward>, 16>(on, *this, R);
  }
};

}  // namespace bisque
