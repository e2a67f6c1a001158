// The search in float, for each SIMD target. (One file a type, so that both compile at a time.)
#include <bisque/ops3d/knn_points/knn_points_queries.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bisque/ops3d/knn_points/knn_points_cpu_float.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bisque/ops3d/knn_points/knn_points_queries-inl.h>

HWY_BEFORE_NAMESPACE();
namespace bisque::knn::HWY_NAMESPACE {

void search_float(const KnnPoints<float>& p, const Cloud<float>& cloud, int64_t n, int64_t begin, int64_t end) {
  search_range(p, cloud, n, begin, end);
}

}  // namespace bisque::knn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bisque::knn {

HWY_EXPORT(search_float);

void search_queries(const KnnPoints<float>& p, const Cloud<float>& cloud, int64_t n, int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(search_float)(p, cloud, n, begin, end);
}

}  // namespace bisque::knn
#endif
