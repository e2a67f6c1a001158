#include <bisque/ops3d/knn_points/knn_points_gradient.h>
#include <bisque/core/ops/each.cuh>

namespace bisque::knn {
namespace {

// A thread a coordinate of p1: its gradient is a sum in order, those of its neighbours get atomics.
template <class T>
__global__ void dists_gradient(DistsGradient<T> p, BadValue* reports) {
  const int64_t items = p.N * p.P1 * p.D;
  for (int64_t item = grid_first(); item < items; item += grid_step()) {
    const int64_t row = item / p.D, d = item % p.D, n = row / p.P1, i = row % p.P1;
    const int64_t length = length_of(p.lengths2, n, p.P2);
    const bool is_point = i < length_of(p.lengths1, n, p.P1);
    const int64_t count = is_point ? (p.K < length ? p.K : length) : 0;
    T sum = 0;
    for (int64_t at = row * p.K; at < row * p.K + count; ++at) {
      const BadValue bad = check_index(p.idx, at, length, p.lowest_idx);
      if (bad.array) report(reports, bad);
      if (bad.array || p.idx[at] < 0) continue;
      const int64_t other = (n * p.P2 + p.idx[at]) * p.D + d;
      const T grad = coordinate_gradient(p.grad_dists[at], p.p1[item] - p.p2[other], p.l1);
      sum += grad;
      if (p.grad_p2) atomicAdd(p.grad_p2 + other, -grad);
    }
    if (p.grad_p1) p.grad_p1[item] = sum;
  }
}

}  // namespace

template <class T>
void DistsGradient<T>::run(const OnCuda& on) const {
  if (on.reports) each<check_lengths<DistsGradient>>(on, *this, N);
  if (grad_p2) fill_zero(on, grad_p2, N * P2 * D);
  const int64_t items = N * P1 * D;
  if (items == 0) return;
  dists_gradient<<<blocks_for(items), kThreads, 0, static_cast<cudaStream_t>(on.stream)>>>(*this, on.reports);
}

template void DistsGradient<float>::run(const OnCuda&) const;
template void DistsGradient<double>::run(const OnCuda&) const;

}  // namespace bisque::knn
