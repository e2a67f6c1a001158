#include <bisque/core/ops/batch_norm/batch_norm_cuda.h>
#include <bisque/core/ops/batch_norm/batch_norm_math.h>
#include <bisque/core/ops/norm/norm_device.cuh>

namespace bisque {
namespace {

template <class T>
__global__ void batch_norm_update_running(RunningStatsParams p) {
  for (int64_t c = grid_first(); c < p.channels; c += grid_step()) update_running<T>(p, c);
}

template <class T>
__global__ void batch_norm_widen(const T* from, double* to, int64_t size) {
  for (int64_t i = grid_first(); i < size; i += grid_step()) to[i] = static_cast<double>(norm::widen(from[i]));
}

}  // namespace

void running_stats_cuda_kernel(const RunningStatsParams& params, bool of_double, void* stream) {
  if (params.channels == 0) return;
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  const auto kernel = of_double ? batch_norm_update_running<double> : batch_norm_update_running<float>;
  kernel<<<blocks_for(params.channels), kThreads, 0, cuda_stream>>>(params);
}

template <class T>
void widen_cuda_kernel(const T* from, double* to, int64_t size, void* stream) {
  if (size > 0) batch_norm_widen<<<blocks_for(size), kThreads, 0, static_cast<cudaStream_t>(stream)>>>(from, to, size);
}

template void widen_cuda_kernel(const float*, double*, int64_t, void*);
template void widen_cuda_kernel(const double*, double*, int64_t, void*);
template void widen_cuda_kernel(const Half*, double*, int64_t, void*);
template void widen_cuda_kernel(const BFloat16*, double*, int64_t, void*);

}  // namespace bisque
