#include <atomic>
#include <limits>

#include <bisque/core/ops/parallel.h>
#include <bisque/ops3d/knn_points/knn_points_backward_params.h>
#include <bisque/ops3d/knn_points/knn_points_math.h>

namespace bisque {
namespace {

constexpr int64_t kNone = std::numeric_limits<int64_t>::max();

// The gradient of point i of cloud n in p1, where it is wanted; notes the first index that is no point.
template <class T>
void gather(const KnnPointsBackwardParams<T>& p, int64_t n, int64_t i, std::atomic<int64_t>& wrong) {
  const int64_t row = n * p.num_points1 + i, length = knn::length_of(p.lengths2, n, p.num_points2);
  T* out = p.grad_p1 ? p.grad_p1 + row * p.dim : nullptr;
  if (out) std::fill(out, out + p.dim, T(0));
  if (i >= knn::length_of(p.lengths1, n, p.num_points1)) return;
  const T* a = p.p1 + row * p.dim;
  const int64_t last = (row * p.k) + std::min(p.k, length);
  for (int64_t at = row * p.k; at < last; ++at) {
    const int64_t j = p.idx[at];
    if (j < 0 || j >= length) {
      int64_t first = wrong.load();
      while (at < first && !wrong.compare_exchange_weak(first, at)) {
      }
      continue;
    }
    if (!out) continue;
    const T* b = p.p2 + (n * p.num_points2 + j) * p.dim;
    for (int64_t d = 0; d < p.dim; ++d) out[d] += knn::coordinate_gradient(p.grad_dists[at], a[d] - b[d], p.l1);
  }
}

// The gradients of points [begin, end) of cloud n in p2: reads all indices of the cloud, and so sums in their order.
template <class T>
void scatter(const KnnPointsBackwardParams<T>& p, int64_t n, int64_t begin, int64_t end) {
  const int64_t first = n * p.num_points2, count = std::min(p.k, knn::length_of(p.lengths2, n, p.num_points2));
  std::fill(p.grad_p2 + (first + begin) * p.dim, p.grad_p2 + (first + end) * p.dim, T(0));
  const int64_t length1 = knn::length_of(p.lengths1, n, p.num_points1);
  for (int64_t row = n * p.num_points1; row < n * p.num_points1 + length1; ++row) {
    const T* a = p.p1 + row * p.dim;
    for (int64_t at = row * p.k; at < row * p.k + count; ++at) {
      const int64_t j = p.idx[at];
      if (j < begin || j >= end) continue;
      const T* b = p.p2 + (first + j) * p.dim;
      T* out = p.grad_p2 + (first + j) * p.dim;
      for (int64_t d = 0; d < p.dim; ++d) out[d] -= knn::coordinate_gradient(p.grad_dists[at], a[d] - b[d], p.l1);
    }
  }
}

}  // namespace

template <class T>
int64_t knn_points_backward_cpu_kernel(const KnnPointsBackwardParams<T>& p) {
  std::atomic<int64_t> wrong = kNone;
  op::parallel_for(p.num_clouds * p.num_points1, 512, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) gather(p, row / p.num_points1, row % p.num_points1, wrong);
  });
  if (wrong != kNone) return wrong;
  if (!p.grad_p2) return -1;
  op::parallel_for(p.num_clouds * p.num_points2, 512, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t n = begin / p.num_points2, last = std::min(end, (n + 1) * p.num_points2);
      scatter(p, n, begin - n * p.num_points2, last - n * p.num_points2);
      begin = last;
    }
  });
  return -1;
}

template int64_t knn_points_backward_cpu_kernel(const KnnPointsBackwardParams<float>&);
template int64_t knn_points_backward_cpu_kernel(const KnnPointsBackwardParams<double>&);

}  // namespace bisque
