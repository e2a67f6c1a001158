// Prefix sums on the device, in the same order for any grid. Torch-free; CUB's would take 26 s to compile.
#pragma once
#include <bisque/core/ops/each.cuh>

namespace bisque {

constexpr int64_t kScanChunks = 1024;

/// The sum of the values of the threads before this one in a block of kThreads, and of all. Every thread of the block
/// must call it.
struct BlockScan {
  int64_t before, all;
};
__device__ inline BlockScan block_scan(int64_t value) {
  __shared__ int64_t warps[kThreads / 32];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  int64_t inclusive_sum = value;
  for (int step = 1; step < 32; step *= 2) {
    const int64_t other = __shfl_up_sync(~0u, inclusive_sum, step);
    if (lane >= step) inclusive_sum += other;
  }
  if (lane == 31) warps[warp] = inclusive_sum;
  __syncthreads();
  BlockScan scan = {inclusive_sum - value, 0};
  for (int i = 0; i < kThreads / 32; ++i) {
    if (i < warp) scan.before += warps[i];
    scan.all += warps[i];
  }
  __syncthreads();
  return scan;
}

/// Each block sums a chunk of the values.
static __global__ void scan_sum_chunks(const int64_t* values, int64_t size, int64_t chunk, int64_t* sums) {
  const int64_t first = blockIdx.x * chunk, last = first + chunk < size ? first + chunk : size;
  int64_t sum = 0;
  for (int64_t i = first + threadIdx.x; i < last; i += kThreads) sum += values[i];
  const BlockScan scan = block_scan(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = scan.all;
}

/// One block turns the chunks' sums into those before each, and writes the sum of all.
static __global__ void scan_sums(int64_t* sums, int chunks, int64_t* total) {
  int64_t before = 0;
  for (int first = 0; first < chunks; first += kThreads) {
    const int i = first + static_cast<int>(threadIdx.x);
    const BlockScan scan = block_scan(i < chunks ? sums[i] : 0);
    if (i < chunks) sums[i] = before + scan.before;
    before += scan.all;
  }
  if (threadIdx.x == 0) *total = before;
}

/// Each block turns the values of its chunk into the sums before each.
static __global__ void scan_chunks(int64_t* values, int64_t size, int64_t chunk, const int64_t* sums) {
  const int64_t first = blockIdx.x * chunk, last = first + chunk < size ? first + chunk : size;
  int64_t before = sums[blockIdx.x];
  for (int64_t tile = first; tile < last; tile += kThreads) {
    const int64_t i = tile + threadIdx.x;
    const BlockScan scan = block_scan(i < last ? values[i] : 0);
    if (i < last) values[i] = before + scan.before;
    before += scan.all;
  }
}

/// Turns values[0 .. size) into the sums of those before each, and values[size] into the sum of all. `sums` is scratch
/// of kScanChunks.
inline void exclusive_scan(int64_t* values, int64_t size, int64_t* sums, cudaStream_t stream) {
  const int64_t least = (size + kScanChunks - 1) / kScanChunks, chunk = (least + kThreads - 1) / kThreads * kThreads;
  const int chunks = chunk == 0 ? 0 : static_cast<int>((size + chunk - 1) / chunk);
  if (chunks > 0) scan_sum_chunks<<<chunks, kThreads, 0, stream>>>(values, size, chunk, sums);
  scan_sums<<<1, kThreads, 0, stream>>>(sums, chunks, values + size);
  if (chunks > 0) scan_chunks<<<chunks, kThreads, 0, stream>>>(values, size, chunk, sums);
}

/// The same, and returns the sum of all, for which it waits for the stream (scan_cpu.h has it for the CPU).
inline int64_t exclusive_scan(const OnCuda& on, int64_t* values, int64_t size, int64_t* sums) {
  exclusive_scan(values, size, sums, static_cast<cudaStream_t>(on.stream));
  int64_t total = 0;
  fetch(on, &total, values + size);
  return total;
}

}  // namespace bisque
