// Points are searched in the order of their indices up to the K-th neighbour, which is soon found in a full ball, and
// those of other balls through the tree of knn_points.
#include <vector>

#include <bisque/core/ops/each_cpu.h>
#include <bisque/ops3d/ball_query/ball_query_clouds.h>
#include <bisque/ops3d/ball_query/ball_query_kernels.h>
#include <bisque/ops3d/knn_points/knn_points_batch.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/ops3d/ball_query/ball_query_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bisque/ops3d/ball_query/ball_query_search-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::ball::HWY_NAMESPACE {

void search_float(const BallQuery<float>& p, const Clouds<float>& clouds, int64_t n, int64_t begin, int64_t end) {
  search_range(p, clouds, n, begin, end);
}
void search_double(const BallQuery<double>& p, const Clouds<double>& clouds, int64_t n, int64_t begin, int64_t end) {
  search_range(p, clouds, n, begin, end);
}

}  // namespace bisque::ball::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque {
namespace ball {

HWY_EXPORT(search_float);
HWY_EXPORT(search_double);

static void search(const BallQuery<float>& p, const Clouds<float>& clouds, int64_t n, int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(search_float)(p, clouds, n, begin, end);
}
static void search(const BallQuery<double>& p, const Clouds<double>& clouds, int64_t n, int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(search_double)(p, clouds, n, begin, end);
}

}  // namespace ball

template <class T>
void BallQuery<T>::run(const OnCpu& on) const {
  each<knn::check_lengths<BallQuery>>(on, *this, N);
  const knn::Queries queries(lengths1, N, P1);
  std::vector<ball::Clouds<T>> clouds(static_cast<size_t>(N));
  op::parallel_for(N, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const int64_t points = knn::length_of(lengths2, n, P2);
      const T* cloud = p2 + n * P2 * D;
      clouds[n].in_order = knn::make_cloud(cloud, points, D, false);
      if (knn::wants_tree(queries.of_cloud(n), points, D)) clouds[n].tree = knn::make_cloud(cloud, points, D, true);
      knn::fill_padding(*this, n, queries.of_cloud(n), -1);
    }
  });
  queries.for_each_chunk([&](int64_t n, int64_t begin, int64_t end) { ball::search(*this, clouds[n], n, begin, end); });
}

template void BallQuery<float>::run(const OnCpu&) const;
template void BallQuery<double>::run(const OnCpu&) const;

}  // namespace bisque
#endif
