// The threads' part of the search on the CPU, and the gradient.
#include <algorithm>
#include <atomic>

#include <bisque/core/ops/each_cpu.h>
#include <bisque/ops3d/knn_points/knn_points_kernels.h>
#include <bisque/ops3d/knn_points/knn_points_queries.h>

namespace bisque {
namespace {

// Whether the queries repay the building of a tree. Measured with AVX-512 and 16,384 points: they do after at most
// 1,000 for D from 2 to 8; for D = 12 seldom, for more never; nor for fewer than 500 points where K = 1.
bool wants_tree(int64_t queries, int64_t points, int64_t dim) {
  return dim <= 8 && points >= 512 && 16 * queries >= points;
}

// The gradient of a point of p1, where it is wanted; the first index that is no point of p2 is reported.
template <class T>
BadValue gather_gradient(const KnnPointsBackward<T>& p, int64_t n, int64_t i) {
  const int64_t row = n * p.P1 + i, length = knn::length_of(p.lengths2, n, p.P2);
  T* out = p.grad_p1 ? p.grad_p1 + row * p.D : nullptr;
  if (out) std::fill(out, out + p.D, T(0));
  if (i >= knn::length_of(p.lengths1, n, p.P1)) return {};
  const T* a = p.p1 + row * p.D;
  const int64_t last = row * p.K + std::min(p.K, length);
  for (int64_t at = row * p.K; at < last; ++at) {
    if (const BadValue bad = check_index(p.idx, at, length); bad.array) return bad;
    if (!out) continue;
    const T* b = p.p2 + (n * p.P2 + p.idx[at]) * p.D;
    for (int64_t d = 0; d < p.D; ++d) out[d] += knn::coordinate_gradient(p.grad_dists[at], a[d] - b[d], p.l1());
  }
  return {};
}

// The gradients of points [begin, end) of cloud n in p2: reads all indices of the cloud, and so sums in their order.
template <class T>
void scatter(const KnnPointsBackward<T>& p, int64_t n, int64_t begin, int64_t end) {
  const int64_t first = n * p.P2, count = std::min(p.K, knn::length_of(p.lengths2, n, p.P2));
  std::fill(p.grad_p2 + (first + begin) * p.D, p.grad_p2 + (first + end) * p.D, T(0));
  const int64_t length1 = knn::length_of(p.lengths1, n, p.P1);
  for (int64_t row = n * p.P1; row < n * p.P1 + length1; ++row) {
    const T* a = p.p1 + row * p.D;
    for (int64_t at = row * p.K; at < row * p.K + count; ++at) {
      const int64_t j = p.idx[at];
      if (j < begin || j >= end) continue;
      const T* b = p.p2 + (first + j) * p.D;
      T* out = p.grad_p2 + (first + j) * p.D;
      for (int64_t d = 0; d < p.D; ++d) out[d] -= knn::coordinate_gradient(p.grad_dists[at], a[d] - b[d], p.l1());
    }
  }
}

}  // namespace

template <class T>
void KnnPoints<T>::run(const OnCpu& on) const {
  each<knn::check_lengths<KnnPoints>>(on, *this, N);
  const KnnPoints& p = *this;
  std::vector<knn::Cloud<T>> clouds(static_cast<size_t>(p.N));
  std::vector<int64_t> first_query(static_cast<size_t>(p.N) + 1, 0);
  for (int64_t n = 0; n < p.N; ++n) {
    first_query[n + 1] = first_query[n] + knn::length_of(p.lengths1, n, p.P1);
  }
  op::parallel_for(p.N, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const int64_t queries = first_query[n + 1] - first_query[n];
      const int64_t points = knn::length_of(p.lengths2, n, p.P2);
      clouds[n] = knn::make_cloud(p.p2 + n * p.P2 * p.D, points, p.D, wants_tree(queries, points, p.D));
      const int64_t padding = (n * p.P1 + queries) * p.K, all = (n + 1) * p.P1 * p.K;
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

template <class T>
void KnnPointsBackward<T>::run(const OnCpu& on) const {
  each<knn::check_lengths<KnnPointsBackward>>(on, *this, N);
  each<gather_gradient<T>>(on, *this, N, P1);
  if (!grad_p2) return;
  op::parallel_for(N * P2, 512, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t n = begin / P2, last = std::min(end, (n + 1) * P2);
      scatter(*this, n, begin - n * P2, last - n * P2);
      begin = last;
    }
  });
}

template void KnnPoints<float>::run(const OnCpu&) const;
template void KnnPoints<double>::run(const OnCpu&) const;
template void KnnPointsBackward<float>::run(const OnCpu&) const;
template void KnnPointsBackward<double>::run(const OnCpu&) const;

}  // namespace bisque
