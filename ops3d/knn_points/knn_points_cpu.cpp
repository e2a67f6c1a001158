// Exact search on the CPU: through a tree of boxes for larger clouds of few coordinates, else block by block.
#include <atomic>

#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/knn_points/knn_points_cloud.h>
#include <bisque/ops3d/knn_points/knn_points_params.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/ops3d/knn_points/knn_points_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bisque/ops3d/knn_points/knn_points_search-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::knn::HWY_NAMESPACE {

// Queries that are not finite are as far from all points, or NaN away: no box and no vector helps.
template <class T>
bool is_finite(const T* query, int64_t dim) {
  for (int64_t d = 0; d < dim; ++d) {
    if (!std::isfinite(query[d])) return false;
  }
  return true;
}

template <class T>
void insert_each(const KnnPointsParams<T>& p, const T* cloud, const T* query, int64_t i, Nearest<T>& nearest) {
  nearest.insert(distance(query, cloud + i * p.dim, p.dim, p.l1), static_cast<int32_t>(i));
}

// How many queries pass over the points together; their lists should fit the second cache.
template <class T>
int64_t batch_of(const Cloud<T>& cloud, int64_t k) {
  return cloud.depth > 0 ? 1 : std::clamp(int64_t{32768} / k, int64_t{4}, int64_t{64});
}

// Queries [begin, end) of one cloud; as many as fit the lists at a time.
template <class M, class T = typename M::T>
void search(const KnnPointsParams<T>& p, const Cloud<T>& cloud, int64_t n, int64_t begin, int64_t end,
            std::vector<Nearest<T>>& nearest) {
  const T* points = p.p2 + n * p.num_points2 * p.dim;
  const int64_t batch = static_cast<int64_t>(nearest.size());
  for (int64_t first = begin; first < end; first += batch) {
    const int64_t count = std::min(batch, end - first), row = n * p.num_points1 + first;
    const T* queries = p.p1 + row * p.dim;
    for (int64_t q = 0; q < count; ++q) nearest[q].clear();
    if (cloud.depth == 0) {
      search_blocks<M>(cloud, queries, count, nearest.data());
    } else {
      for (int64_t q = 0; q < count; ++q) search_tree<M>(cloud, queries + q * p.dim, nearest[q]);
    }
    for (int64_t q = 0; q < count; ++q) {
      const T* query = queries + q * p.dim;
      if (!is_finite(query, p.dim)) {
        nearest[q].clear();
        const int64_t length = length_of(p.lengths2, n, p.num_points2);
        for (int64_t i = 0; i < length; ++i) insert_each(p, points, query, i, nearest[q]);
      } else if (nearest[q].takes_any()) {
        for (int32_t i : cloud.not_finite) insert_each(p, points, query, i, nearest[q]);
      }
      nearest[q].write(p.k, p.dists + (row + q) * p.k, p.idx + (row + q) * p.k);
    }
  }
}

// Queries [begin, end) of all clouds, counted without padding.
template <class T>
void search_range(const KnnPointsParams<T>& p, const std::vector<Cloud<T>>& clouds,
                  const std::vector<int64_t>& first_query, int64_t begin, int64_t end) {
  auto n = std::upper_bound(first_query.begin(), first_query.end(), begin) - first_query.begin() - 1;
  while (begin < end) {
    const int64_t last = std::min(end, first_query[n + 1]);
    if (begin < last) {
      const int64_t length = length_of(p.lengths2, n, p.num_points2);
      const int64_t k = std::max(int64_t{1}, std::min(p.k, length));
      std::vector<Nearest<T>> nearest(static_cast<size_t>(std::min(batch_of(clouds[n], k), last - begin)),
                                      Nearest<T>(k));
      const auto run = [&](auto metric) {
        search<decltype(metric)>(p, clouds[n], n, begin - first_query[n], last - first_query[n], nearest);
      };
      if (p.l1) {
        p.dim == 3 ? run(Metric<T, 3, true>()) : run(Metric<T, 0, true>());
      } else {
        p.dim == 3 ? run(Metric<T, 3, false>()) : run(Metric<T, 0, false>());
      }
    }
    begin = last;
    ++n;
  }
}

void search_float(const KnnPointsParams<float>& p, const std::vector<Cloud<float>>& clouds,
                  const std::vector<int64_t>& first_query, int64_t begin, int64_t end) {
  search_range(p, clouds, first_query, begin, end);
}
void search_double(const KnnPointsParams<double>& p, const std::vector<Cloud<double>>& clouds,
                   const std::vector<int64_t>& first_query, int64_t begin, int64_t end) {
  search_range(p, clouds, first_query, begin, end);
}

}  // namespace bisque::knn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque {
namespace knn {

HWY_EXPORT(search_float);
HWY_EXPORT(search_double);

// Whether the queries repay the building of a tree. Measured with AVX-512 and 16,384 points: they do after at most
// 1,000 for D from 2 to 8; for D = 12 seldom, for more never; nor for fewer than 500 points where K = 1.
bool wants_tree(int64_t queries, int64_t points, int64_t dim) {
  return dim <= 8 && points >= 512 && 16 * queries >= points;
}

}  // namespace knn

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
      clouds[n] =
          knn::make_cloud(p.p2 + n * p.num_points2 * p.dim, points, p.dim, knn::wants_tree(queries, points, p.dim));
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
      if constexpr (sizeof(T) == 4) {
        HWY_DYNAMIC_DISPATCH(knn::search_float)(p, clouds, first_query, begin, end);
      } else {
        HWY_DYNAMIC_DISPATCH(knn::search_double)(p, clouds, first_query, begin, end);
      }
    }
  });
}

template void knn_points_cpu_kernel(const KnnPointsParams<float>&);
template void knn_points_cpu_kernel(const KnnPointsParams<double>&);

}  // namespace bisque
#endif
