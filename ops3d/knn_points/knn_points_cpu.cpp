// The threads' part of the search on the CPU.
#include <vector>

#include <bisque/core/ops/each_cpu.h>
#include <bisque/ops3d/knn_points/knn_points_batch.h>
#include <bisque/ops3d/knn_points/knn_points_gradient.h>
#include <bisque/ops3d/knn_points/knn_points_queries.h>

namespace bisque {

template <class T>
void KnnPoints<T>::run(const OnCpu& on) const {
  each<knn::check_lengths<KnnPoints>>(on, *this, N);
  const knn::Queries queries(lengths1, N, P1);
  std::vector<knn::Cloud<T>> clouds(static_cast<size_t>(N));
  op::parallel_for(N, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const int64_t points = knn::length_of(lengths2, n, P2);
      clouds[n] = knn::make_cloud(p2 + n * P2 * D, points, D, knn::wants_tree(queries.of_cloud(n), points, D));
      knn::fill_padding(*this, n, queries.of_cloud(n), 0);
    }
  });
  queries.for_each_chunk(
      [&](int64_t n, int64_t begin, int64_t end) { knn::search_queries(*this, clouds[n], n, begin, end); });
}

template <class T>
void KnnPointsBackward<T>::run(const OnCpu& on) const {
  knn::gradient_of(*this).run(on);
}

template void KnnPoints<float>::run(const OnCpu&) const;
template void KnnPoints<double>::run(const OnCpu&) const;
template void KnnPointsBackward<float>::run(const OnCpu&) const;
template void KnnPointsBackward<double>::run(const OnCpu&) const;

}  // namespace bisque
