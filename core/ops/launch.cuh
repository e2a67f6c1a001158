// Launch shapes that most kernels share. Torch-free.
#pragma once
#include <cuda_runtime.h>

#include <cstdint>

namespace bisque {

constexpr int kThreads = 256;

/// Blocks for one thread an item; kernels stride by the grid, so that any number of items fits the grid's limit.
inline int blocks_for(int64_t items) {
  const int64_t blocks = (items + kThreads - 1) / kThreads;
  return static_cast<int>(blocks < 65535 ? blocks : 65535);
}

/// Where a grid-strided loop of this thread starts, and its step.
__device__ inline int64_t grid_first() { return blockIdx.x * static_cast<int64_t>(blockDim.x) + threadIdx.x; }
__device__ inline int64_t grid_step() { return static_cast<int64_t>(gridDim.x) * blockDim.x; }

}  // namespace bisque
