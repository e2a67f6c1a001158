// The threads' part of the CPU kernel.
#include <algorithm>
#include <atomic>

#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/knn_points/knn_points_math.h>
#include <bisque/ops3d/knn_points/knn_points_queries.h>

namespace bisque {
namespace {

// Whether the queries repay the building of a tree. Measured with AVX-512 and 16,384 points: they do after at most
// 1,000 for D from 2 to 8; for D = 12 seldom, for more never; nor for fewer than 500 points where K = 1.
bool wants_tree(int64_t queries, int64_t points, int64_t dim) {
  return dim <= 8 && points >= 512 && 16 * queries >= points;
}

}  // namespace

template <class T>
void knn_points_cpu_kernel(const KnnPointsParams<T>& p) {
  std::vector<knn::Cloud<T>> clouds(static_cast<size_t>(p.num_clouds));
  std::vector<int64_t> first_query(static_cast<size_t>(p.num_clouds) + 1, 0);
  for (int64_t n = 0; n < p.num_clouds; ++n) {
    first_query[n + 1] = first_query[n] + knn::length_of(p.lengths1, n, p.num_points1);
  }
  op::parallel_for(p.num_clouds, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const int64_t queries = first_query[n + 1] - first_query[n];
      const int64_t points = knn::length_of(p.lengths2, n, p.num_points2);
      clouds[n] = knn::make_cloud(p.p2 + n * p.num_points2 * p.dim, points, p.dim, wants_tree(queries, points, p.dim));
      const int64_t padding = (n * p.num_points1 + queries) * p.k, all = (n + 1) * p.num_points1 * p.k;
      std::fill(p.dists + padding, p.dists + all, T(0));
      std::fill(p.idx + padding, p.idx + all, int64_t{0});
    }
  });
  // Threads take chunks as they come to them: queries far from all points cost more, and a core may be busy.
  const int64_t queries = first_query.back(), chunk = std::clamp(queries / 128, int64_t{64}, int64_t{1024});
  const int64_t num_chunks = (queries + chunk - 1) / chunk;
  std::atomic<int64_t> next = 0;
  op::parallel_for(num_chunks, 1, [&](int64_t, int64_t) {
    for (int64_t i = next++; i < num_chunks; i = next++) {
      const int64_t begin = i * chunk, end = std::min(begin + chunk, queries);
      knn::search_queries(p, clouds, first_query, begin, end);
    }
  });
}

template void knn_points_cpu_kernel(const KnnPointsParams<float>&);
template void knn_points_cpu_kernel(const KnnPointsParams<double>&);

}  // namespace bisque
