#include <algorithm>

#include <bisque/core/ops/each_cpu.h>
#include <bisque/ops3d/knn_points/knn_points_gradient.h>

namespace bisque::knn {
namespace {

// The gradient of a point of p1, where it is wanted; the first index that is no point of p2 is reported.
template <class T>
BadValue gather_gradient(const DistsGradient<T>& p, int64_t n, int64_t i) {
  const int64_t row = n * p.P1 + i, length = length_of(p.lengths2, n, p.P2);
  T* out = p.grad_p1 ? p.grad_p1 + row * p.D : nullptr;
  if (out) std::fill(out, out + p.D, T(0));
  if (i >= length_of(p.lengths1, n, p.P1)) return {};
  const T* a = p.p1 + row * p.D;
  const int64_t last = row * p.K + std::min(p.K, length);
  for (int64_t at = row * p.K; at < last; ++at) {
    if (const BadValue bad = check_index(p.idx, at, length, p.lowest_idx); bad.array) return bad;
    if (!out || p.idx[at] < 0) continue;
    const T* b = p.p2 + (n * p.P2 + p.idx[at]) * p.D;
    for (int64_t d = 0; d < p.D; ++d) out[d] += coordinate_gradient(p.grad_dists[at], a[d] - b[d], p.l1);
  }
  return {};
}

// The gradients of points [begin, end) of cloud n in p2: reads all indices of the cloud, and so sums in their order.
template <class T>
void scatter_gradient(const DistsGradient<T>& p, int64_t n, int64_t begin, int64_t end) {
  const int64_t first = n * p.P2, count = std::min(p.K, length_of(p.lengths2, n, p.P2));
  std::fill(p.grad_p2 + (first + begin) * p.D, p.grad_p2 + (first + end) * p.D, T(0));
  const int64_t length1 = length_of(p.lengths1, n, p.P1);
  for (int64_t row = n * p.P1; row < n * p.P1 + length1; ++row) {
    const T* a = p.p1 + row * p.D;
    for (int64_t at = row * p.K; at < row * p.K + count; ++at) {
      const int64_t j = p.idx[at];
      if (j < begin || j >= end) continue;
      const T* b = p.p2 + (first + j) * p.D;
      T* out = p.grad_p2 + (first + j) * p.D;
      for (int64_t d = 0; d < p.D; ++d) out[d] -= coordinate_gradient(p.grad_dists[at], a[d] - b[d], p.l1);
    }
  }
}

}  // namespace

template <class T>
void DistsGradient<T>::run(const OnCpu& on) const {
  each<check_lengths<DistsGradient>>(on, *this, N);
  each<gather_gradient<T>>(on, *this, N, P1);
  if (!grad_p2) return;
  op::parallel_for(N * P2, 512, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t n = begin / P2, last = std::min(end, (n + 1) * P2);
      scatter_gradient(*this, n, begin - n * P2, last - n * P2);
      begin = last;
    }
  });
}

template void DistsGradient<float>::run(const OnCpu&) const;
template void DistsGradient<double>::run(const OnCpu&) const;

}  // namespace bisque::knn
