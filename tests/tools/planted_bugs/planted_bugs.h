// Launchers of kernels with one bug each, which softgpu must report, or without it (planted = false). Torch-free.
#pragma once
#include <cstdint>

namespace planted_bugs {

/// y[i] is x[i] within each block of kThreads read backwards, through shared memory. Bug: no barrier between write and
/// read.
void reverse_blocks(const float* x, float* y, int64_t n, bool planted, void* stream);
/// y[i] = x[i] + x[i + 1], and x[n - 1] at the end. Bug: reads x[n].
void add_next(const float* x, float* y, int64_t n, bool planted, void* stream);
/// y[i] = 2 x[i]. Bug: writes y[n].
void twice(const float* x, float* y, int64_t n, bool planted, void* stream);
/// total[0] = the number of blocks. Bug: they add to it with no atomic.
void count_blocks(float* total, int64_t n, bool planted, void* stream);
/// y[i] = x[i], by way of scratch. Bug: the last element of scratch is read before anyone has written it.
void copy_by_scratch(const float* x, float* scratch, float* y, int64_t n, bool planted, void* stream);

}  // namespace planted_bugs
