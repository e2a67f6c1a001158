// What CPU and CUDA share of running statistics.
#pragma once
#include <bisque/core/ops/batch_norm/batch_norm_params.h>
#include <bisque/core/ops/host_device.h>

namespace bisque {

/// The mean over samples of the statistics of a channel.
BISQUE_HOST_DEVICE inline double over_samples(const RunningStatsParams& p, const double* stats, int64_t channel) {
  double sum = 0;
  for (int64_t n = 0; n < p.samples; ++n) sum += stats[n * p.channels + channel];
  return sum / static_cast<double>(p.samples);
}

/// Moves the running statistics of a channel towards the batch's, var unbiased.
template <class T>
BISQUE_HOST_DEVICE inline void update_running(const RunningStatsParams& p, int64_t channel) {
  const auto move = [&](void* running, double to) {
    T& value = static_cast<T*>(running)[channel];
    value = static_cast<T>((1 - p.momentum) * static_cast<double>(value) + p.momentum * to);
  };
  move(p.running_mean, over_samples(p, p.mean, channel));
  move(p.running_var, over_samples(p, p.var, channel) * (p.count / (p.count - 1)));
}

}  // namespace bisque
