// Loops over libtorch's thread pool, through the stable ABI. (at::parallel_for in a file built without -fopenmp is
// serial.)
#pragma once
#include <torch/csrc/stable/ops.h>

#include <algorithm>

namespace bisque::op {

/// Calls body(begin, end) over [0, n) in ranges of at least `grain`. How the range is cut depends on the number of
/// threads, so a result must not depend on the cut.
template <class Body>
void parallel_for(int64_t n, int64_t grain, const Body& body) {
  if (n <= grain) {
    if (n > 0) body(int64_t{0}, n);
    return;
  }
  torch::stable::parallel_for(0, n, grain, body);
}

}  // namespace bisque::op
