// Loops over libtorch's thread pool, through the stable ABI. (at::parallel_for in a file built without -fopenmp is
// serial.)
#pragma once
#include <torch/csrc/stable/ops.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>

namespace bisque::op {

/// No grain is larger than this. Tests set it to 1, so that small inputs are cut too (bisque_limit_grain in
/// plugin_entry.cpp).
inline std::atomic<int64_t> grain_limit{std::numeric_limits<int64_t>::max()};

/// Calls body(begin, end) over [0, n) in ranges of at least `grain`. How the range is cut depends on the number of
/// threads, so a result must not depend on the cut.
template <class Body>
void parallel_for(int64_t n, int64_t grain, const Body& body) {
  grain = std::min(grain, grain_limit.load(std::memory_order_relaxed));
  if (n <= grain) {
    if (n > 0) body(int64_t{0}, n);
    return;
  }
#ifdef __SANITIZE_THREAD__
  // The pool synchronises in code that ThreadSanitizer does not see. These atomics, which are not part of the data,
  // repeat it.
  static std::atomic<int> begun, done;
  const auto run = [&body](int64_t begin, int64_t end) {
    begun.load(std::memory_order_acquire);
    body(begin, end);
    done.fetch_add(1, std::memory_order_release);
  };
  begun.fetch_add(1, std::memory_order_release);
  torch::stable::parallel_for(0, n, grain, run);
  done.load(std::memory_order_acquire);
#else
  torch::stable::parallel_for(0, n, grain, body);
#endif
}

}  // namespace bisque::op
