#include <bisque/core/ops/batch_norm/batch_norm_math.h>

namespace bisque {

void running_stats_cpu_kernel(const RunningStatsParams& params, bool of_double) {
  for (int64_t c = 0; c < params.channels; ++c) {
    of_double ? update_running<double>(params, c) : update_running<float>(params, c);
  }
}

}  // namespace bisque
