// Shared by the rows of the norms. Both sides are C++, allocate their results as libtorch does, and reuse memory that
// malloc keeps.
#pragma once
#include <ATen/ATen.h>
#include <malloc.h>

#include <functional>
#include <memory>

#include "harness/bench.h"

namespace bisque::bench {

inline at::Tensor uniform(at::IntArrayRef sizes) {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  return at::rand(sizes).sub_(0.5);
}

/// x with weights and running statistics of `channels`.
struct NormInputs {
  at::Tensor x, weight, bias, running_mean, running_var, grad;

  NormInputs(at::IntArrayRef sizes, int64_t channels)
      : x(uniform(sizes)),
        weight(uniform({channels})),
        bias(uniform({channels})),
        running_mean(at::zeros({channels})),
        running_var(at::ones({channels})),
        grad(uniform(sizes)) {}
};

/// 32 pictures of 64 channels, 56 x 56: 25.7 MB.
inline NormInputs pictures() { return NormInputs({32, 64, 56, 56}, 64); }

/// A batch of 4 (from 4 MiB on 16) of 16 or 64 channels, of about `bytes`.
inline NormInputs pictures_of(int64_t bytes) {
  const int64_t samples = bytes < 4 << 20 ? 4 : 16, channels = bytes < 16384 ? 16 : 64;
  int64_t side = 1;
  while (samples * channels * 4 * side * side < bytes) side *= 2;
  return NormInputs({samples, channels, side, side}, channels);
}

}  // namespace bisque::bench

/// Rows NAME_1k to NAME_64m.
#define BISQUE_NORM_SWEEP(NAME, OURS, THEIRS)                       \
  BISQUE_NORM_SWEEP_ROW(NAME, "_1k", k1, OURS, THEIRS, 1 << 10)     \
  BISQUE_NORM_SWEEP_ROW(NAME, "_16k", k16, OURS, THEIRS, 1 << 14)   \
  BISQUE_NORM_SWEEP_ROW(NAME, "_256k", k256, OURS, THEIRS, 1 << 18) \
  BISQUE_NORM_SWEEP_ROW(NAME, "_4m", m4, OURS, THEIRS, 1 << 22)     \
  BISQUE_NORM_SWEEP_ROW(NAME, "_64m", m64, OURS, THEIRS, 1 << 26)

#define BISQUE_NORM_SWEEP_ROW(NAME, SUFFIX, ID, OURS, THEIRS, BYTES)                                                   \
  const Bench sweep_##ID(                                                                                              \
      {.name = "norm_sweep_" NAME SUFFIX, .work = "forward, float32", .peer = "libtorch"}, [] { return OURS(BYTES); }, \
      [] { return THEIRS(BYTES); });
