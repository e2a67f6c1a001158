// Running statistics, which only batch_norm has; it shares the other kernels with the norms. No torch,
// no CUDA.
#pragma once
#include <bisque/core/ops/each.h>

namespace bisque {

/// The mean over samples of the statistics of a channel.
template <class P>
BISQUE_HOST_DEVICE inline double over_samples(const P& p, const double* stats, int64_t channel) {
  double sum = 0;
  for (int64_t n = 0; n < p.samples; ++n) sum += stats[n * p.channels + channel];
  return sum / static_cast<double>(p.samples);
}

/// Moves the running statistics of a channel towards the batch's, var unbiased.
template <class P>
BISQUE_HOST_DEVICE inline void update_running(const P& p, int64_t channel) {
  const auto move = [&](auto& running, double to) {
    running = static_cast<typename P::Value>((1 - p.momentum) * static_cast<double>(running) + p.momentum * to);
  };
  move(p.running_mean[channel], over_samples(p, p.mean, channel));
  move(p.running_var[channel], over_samples(p, p.var, channel) * (p.count / (p.count - 1)));
}

template <class T>
struct RunningStats {
  using Value = T;
  const double *mean, *var;  // [samples, channels], of a batch; var biased
  int64_t samples, channels;
  double count;                   // of values that each mean and var is of
  double momentum;                // the weight of the batch
  T *running_mean, *running_var;  // [channels]

  template <class On>
  void run(const On& on) const {
    each<update_running<RunningStats>>(on, *this, channels);
  }
};

/// to[i] = from[i] for i < size: running statistics of any type as double.
template <class T>
void widen_stats(const OnCuda& on, const T* from, double* to, int64_t size);

}  // namespace bisque
