// each() as a kernel with one thread per item. No torch.
#pragma once
#include <type_traits>

#include <bisque/core/ops/each.h>
#include <bisque/core/ops/launch.cuh>

namespace bisque {

/// Notes the first bad value that comes.
__device__ inline void report(BadValue* reports, const BadValue& bad) {
  if (!bad.array || !reports) return;
  auto* array = reinterpret_cast<unsigned long long*>(&reports->array);
  if (atomicCAS(array, 0ull, reinterpret_cast<unsigned long long>(bad.array)) != 0) return;
  reports->position = bad.position;
  reports->value = bad.value;
  reports->bound = bad.bound;
  reports->lowest = bad.lowest;
}

template <auto step, class Params>
__global__ void each_item(Params params, int64_t n, BadValue* reports) {
  for (int64_t i = grid_first(); i < n; i += grid_step()) {
    if constexpr (std::is_void_v<decltype(step(params, i))>) {
      step(params, i);
    } else {
      report(reports, step(params, i));
    }
  }
}

template <auto step, class Params>
__global__ void each_pair(Params params, int64_t n, int64_t m, BadValue* reports) {
  for (int64_t i = grid_first(); i < n * m; i += grid_step()) {
    if constexpr (std::is_void_v<decltype(step(params, i, i))>) {
      step(params, i / m, i % m);
    } else {
      report(reports, step(params, i / m, i % m));
    }
  }
}

template <auto step, int64_t grain = kGrain, class Params>
void each(const OnCuda& on, const Params& params, int64_t n) {
  if (n == 0) return;
  each_item<step><<<blocks_for(n), kThreads, 0, static_cast<cudaStream_t>(on.stream)>>>(params, n, on.reports);
}

template <auto step, int64_t grain = kGrain, class Params>
void each(const OnCuda& on, const Params& params, int64_t n, int64_t m) {
  if (n * m == 0) return;
  each_pair<step><<<blocks_for(n * m), kThreads, 0, static_cast<cudaStream_t>(on.stream)>>>(params, n, m, on.reports);
}

template <auto step, class Params>
void each_in_order(const OnCuda& on, const Params& params, int64_t n) {
  each<step>(on, params, n);
}

template <class T>
void fill_zero(const OnCuda& on, T* values, int64_t count) {
  cudaMemsetAsync(values, 0, static_cast<size_t>(count) * sizeof(T), static_cast<cudaStream_t>(on.stream));
}

/// Copies values to the host and waits for the stream. False where that or a kernel before it failed, which Op reports.
template <class Value>
bool fetch(const OnCuda& on, Value* to, const Value* from, int64_t n = 1) {
  const auto stream = static_cast<cudaStream_t>(on.stream);
  cudaMemcpyAsync(to, from, static_cast<size_t>(n) * sizeof(Value), cudaMemcpyDeviceToHost, stream);
  cudaStreamSynchronize(stream);
  return cudaPeekAtLastError() == cudaSuccess;
}

template <class Params>
void run_on_cuda(const Params& params, const OnCuda& on) {
  params.run(on);
}

template <class Params>
std::array<int64_t, num_counted<Params, OnCuda>()> count_on_cuda(const Params& params, const OnCuda& on) {
  if constexpr (num_counted<Params, OnCuda>() > 0) {
    return params.count(on);
  } else {
    return {};
  }
}

}  // namespace bisque

/// In a .cu file: compiles the op of these params for CUDA.
#define BISQUE_ON_CUDA(Params)          \
  BISQUE_ON_CUDA_OF_TYPE(Params<float>) \
  BISQUE_ON_CUDA_OF_TYPE(Params<double>)
#define BISQUE_ON_CUDA_OF_TYPE(Params)                                                               \
  template void bisque::run_on_cuda(const Params& params, const bisque::OnCuda& on);                 \
  template std::array<int64_t, bisque::num_counted<Params, bisque::OnCuda>()> bisque::count_on_cuda( \
      const Params& params, const bisque::OnCuda& on);
