#include <cuda_runtime.h>

#include "planted_bugs.h"

namespace planted_bugs {
namespace {

constexpr int kThreads = 64;

int blocks(int64_t n) { return static_cast<int>((n + kThreads - 1) / kThreads); }
cudaStream_t as_stream(void* stream) { return static_cast<cudaStream_t>(stream); }
__device__ int64_t index() { return blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; }

__global__ void reverse_blocks_kernel(const float* x, float* y, int64_t n, bool planted) {
  __shared__ float values[kThreads];
  const int64_t i = index();
  values[threadIdx.x] = i < n ? x[i] : 0;
  if (!planted) __syncthreads();
  if (i < n) y[i] = values[kThreads - 1 - threadIdx.x];
}

__global__ void add_next_kernel(const float* x, float* y, int64_t n, bool planted) {
  const int64_t i = index();
  if (i < n) y[i] = x[i] + (planted || i + 1 < n ? x[i + 1] : 0);
}

__global__ void twice_kernel(const float* x, float* y, int64_t n, bool planted) {
  const int64_t i = index();
  if (i < n) y[i] = 2 * x[i];
  if (planted && i == n) y[i] = 0;
}

__global__ void count_blocks_kernel(float* total, bool planted) {
  if (threadIdx.x != 0) return;
  if (planted) {
    *total = *total + 1;
  } else {
    atomicAdd(total, 1);
  }
}

__global__ void copy_kernel(const float* x, float* y, int64_t n) {
  const int64_t i = index();
  if (i < n) y[i] = x[i];
}

}  // namespace

void reverse_blocks(const float* x, float* y, int64_t n, bool planted, void* stream) {
  reverse_blocks_kernel<<<blocks(n), kThreads, 0, as_stream(stream)>>>(x, y, n, planted);
}

void add_next(const float* x, float* y, int64_t n, bool planted, void* stream) {
  add_next_kernel<<<blocks(n), kThreads, 0, as_stream(stream)>>>(x, y, n, planted);
}

void twice(const float* x, float* y, int64_t n, bool planted, void* stream) {
  twice_kernel<<<blocks(n + 1), kThreads, 0, as_stream(stream)>>>(x, y, n, planted);
}

void count_blocks(float* total, int64_t n, bool planted, void* stream) {
  cudaMemsetAsync(total, 0, sizeof(float), as_stream(stream));
  count_blocks_kernel<<<blocks(n), kThreads, 0, as_stream(stream)>>>(total, planted);
}

void copy_by_scratch(const float* x, float* scratch, float* y, int64_t n, bool planted, void* stream) {
  copy_kernel<<<blocks(n), kThreads, 0, as_stream(stream)>>>(x, scratch, planted ? n - 1 : n);
  copy_kernel<<<blocks(n), kThreads, 0, as_stream(stream)>>>(scratch, y, n);
}

}  // namespace planted_bugs
