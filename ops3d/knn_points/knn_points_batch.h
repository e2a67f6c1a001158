// The queries of a batch of clouds, and how threads share them. Torch-free but for threads.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/knn_points/knn_points_kernels.h>

namespace bisque::knn {

/// Counts the points of p1 without padding.
class Queries {
 public:
  Queries(const int64_t* lengths, int64_t N, int64_t P) : first_(static_cast<size_t>(N) + 1, 0) {
    for (int64_t n = 0; n < N; ++n) first_[n + 1] = first_[n] + length_of(lengths, n, P);
  }

  int64_t of_cloud(int64_t n) const { return first_[n + 1] - first_[n]; }

  /// Calls body(n, begin, end) for queries [begin, end) of cloud n. Threads take chunks as they come to them: queries
  /// far from all points cost more, and a core may be busy.
  template <class Body>
  void for_each_chunk(const Body& body) const {
    const int64_t all = first_.back(), chunk = std::clamp(all / 128, int64_t{64}, int64_t{1024});
    const int64_t num_chunks = (all + chunk - 1) / chunk;
    std::atomic<int64_t> next = 0;
    op::parallel_for(num_chunks, 1, [&](int64_t, int64_t) {
      for (int64_t i = next++; i < num_chunks; i = next++) split(i * chunk, std::min((i + 1) * chunk, all), body);
    });
  }

 private:
  // Cuts a range at the ends of clouds.
  template <class Body>
  void split(int64_t begin, int64_t end, const Body& body) const {
    auto n = std::upper_bound(first_.begin(), first_.end(), begin) - first_.begin() - 1;
    for (; begin < end; ++n) {
      const int64_t last = std::min(end, first_[n + 1]);
      if (begin < last) body(n, begin - first_[n], last - first_[n]);
      begin = last;
    }
  }

  std::vector<int64_t> first_;  // of each cloud, and their number
};

/// Writes distance 0 and this index to the results of cloud n that belong to no query.
template <class Params>
void fill_padding(const Params& p, int64_t n, int64_t queries, int64_t index) {
  const int64_t begin = (n * p.P1 + queries) * p.K, end = (n + 1) * p.P1 * p.K;
  std::fill(p.dists + begin, p.dists + end, 0);
  std::fill(p.idx + begin, p.idx + end, index);
}

}  // namespace bisque::knn
