// Exact search: through a tree of boxes for larger clouds of few coordinates, else block by block. Compiled once for
// each SIMD target.
#if defined(BISQUE_KNN_POINTS_QUERIES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BISQUE_KNN_POINTS_QUERIES_INL_H_
#undef BISQUE_KNN_POINTS_QUERIES_INL_H_
#else
#define BISQUE_KNN_POINTS_QUERIES_INL_H_
#endif

#include <algorithm>
#include <cmath>
#include <vector>

#include <bisque/ops3d/knn_points/knn_points_kernels.h>
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
void insert_each(const KnnPoints<T>& p, const T* cloud, const T* query, int64_t i, Nearest<T>& nearest) {
  nearest.insert(distance(query, cloud + i * p.D, p.D, p.l1()), static_cast<int32_t>(i));
}

// How many queries pass over the points together; their lists should fit the second cache.
template <class T>
int64_t batch_of(const Cloud<T>& cloud, int64_t k) {
  return cloud.depth > 0 ? 1 : std::clamp(int64_t{32768} / k, int64_t{4}, int64_t{64});
}

// Queries [begin, end) of one cloud; as many as fit the lists at a time.
template <class M, class T = typename M::T>
void search(const KnnPoints<T>& p, const Cloud<T>& cloud, int64_t n, int64_t begin, int64_t end,
            std::vector<Nearest<T>>& nearest) {
  const T* points = p.p2 + n * p.P2 * p.D;
  const int64_t batch = static_cast<int64_t>(nearest.size());
  for (int64_t first = begin; first < end; first += batch) {
    const int64_t count = std::min(batch, end - first), row = n * p.P1 + first;
    const T* queries = p.p1 + row * p.D;
    for (int64_t q = 0; q < count; ++q) nearest[q].clear();
    if (cloud.depth == 0) {
      search_blocks<M>(cloud, queries, count, nearest.data());
    } else {
      for (int64_t q = 0; q < count; ++q) search_tree<M>(cloud, queries + q * p.D, nearest[q]);
    }
    for (int64_t q = 0; q < count; ++q) {
      const T* query = queries + q * p.D;
      if (!is_finite(query, p.D)) {
        nearest[q].clear();
        const int64_t length = length_of(p.lengths2, n, p.P2);
        for (int64_t i = 0; i < length; ++i) insert_each(p, points, query, i, nearest[q]);
      } else if (nearest[q].takes_any()) {
        for (int32_t i : cloud.not_finite) insert_each(p, points, query, i, nearest[q]);
      }
      nearest[q].write(p.K, p.dists + (row + q) * p.K, p.idx + (row + q) * p.K);
    }
  }
}

// Queries [begin, end) of cloud n.
template <class T>
void search_range(const KnnPoints<T>& p, const Cloud<T>& cloud, int64_t n, int64_t begin, int64_t end) {
  const int64_t k = std::max(int64_t{1}, std::min(p.K, length_of(p.lengths2, n, p.P2)));
  std::vector<Nearest<T>> nearest(static_cast<size_t>(std::min(batch_of(cloud, k), end - begin)), Nearest<T>(k));
  const auto run = [&](auto metric) { search<decltype(metric)>(p, cloud, n, begin, end, nearest); };
  if (p.l1()) {
    p.D == 3 ? run(Metric<T, 3, true>()) : run(Metric<T, 0, true>());
  } else {
    p.D == 3 ? run(Metric<T, 3, false>()) : run(Metric<T, 0, false>());
  }
}

}  // namespace bisque::knn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
