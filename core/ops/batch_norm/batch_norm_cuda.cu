#include <bisque/core/ops/batch_norm/batch_norm_kernels.h>
#include <bisque/core/ops/each.cuh>
#include <bisque/core/ops/norm/norm_device.cuh>

BISQUE_ON_CUDA(bisque::RunningStats)

namespace bisque {
namespace {

template <class T>
__global__ void batch_norm_widen(const T* from, double* to, int64_t size) {
  for (int64_t i = grid_first(); i < size; i += grid_step()) to[i] = static_cast<double>(norm::widen(from[i]));
}

}  // namespace

template <class T>
void widen_stats(const OnCuda& on, const T* from, double* to, int64_t size) {
  const auto stream = static_cast<cudaStream_t>(on.stream);
  if (size > 0) batch_norm_widen<<<blocks_for(size), kThreads, 0, stream>>>(from, to, size);
}

template void widen_stats(const OnCuda&, const float*, double*, int64_t);
template void widen_stats(const OnCuda&, const double*, double*, int64_t);
template void widen_stats(const OnCuda&, const Half*, double*, int64_t);
template void widen_stats(const OnCuda&, const BFloat16*, double*, int64_t);

}  // namespace bisque
