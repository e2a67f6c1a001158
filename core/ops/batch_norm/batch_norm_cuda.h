// batch_norm's own CUDA kernels: prototypes. No torch, no CUDA.
#pragma once
#include <bisque/core/ops/batch_norm/batch_norm_params.h>

namespace bisque {

/// `stream` is a cudaStream_t.
void running_stats_cuda_kernel(const RunningStatsParams& params, bool of_double, void* stream);

/// Running statistics of any type, as double.
template <class T>
void widen_cuda_kernel(const T* from, double* to, int64_t size, void* stream);

}  // namespace bisque
