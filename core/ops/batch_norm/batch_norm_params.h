// batch_norm shares its kernels with the other norms, see core/ops/norm: this is its view of their data, and the kernel
// of running statistics.
#pragma once
#include <bisque/core/ops/norm/norm_params.h>

namespace bisque {

/// Of x [samples, channels, inner], or [samples, inner, channels] where channels are last.
inline norm::View view_of_channels(int64_t samples, int64_t channels, int64_t inner, bool weights, bool channels_last) {
  norm::View view{};
  view.slices = channels;
  view.weights = weights ? channels : 1;
  view.repeat = view.merge = 1;
  if (channels_last || inner < norm::kFewValues) {
    view.kind = norm::Kind::kColumns;
    view.batches = 1;
    view.rows = channels_last ? samples * inner : samples;
    view.columns = channels_last ? channels : channels * inner;
    if (!channels_last) view.repeat = view.merge = inner;
  } else {
    view.kind = norm::Kind::kPlanes;
    view.planes = samples;
    view.inner = view.slice_stride = inner;
    view.plane_stride = channels * inner;
    view.weight_of_slice = 1;
  }
  return view;
}

struct RunningStatsParams {
  const double *mean, *var;  // [samples, channels], of a batch; var biased
  int64_t samples, channels;
  double count;                      // of values that each mean and var is of
  double momentum;                   // the weight of the batch
  void *running_mean, *running_var;  // [channels], of float or double
};

/// Moves the running statistics towards the batch's, var unbiased; they are of double or float.
void running_stats_cpu_kernel(const RunningStatsParams& params, bool of_double);

}  // namespace bisque
