#include <bisque/ops3d/knn_points/knn_points_backward_params.h>
#include <bisque/ops3d/knn_points/knn_points_math.h>
#include <bisque/core/ops/launch.cuh>

namespace bisque {
namespace {

// A thread a coordinate of p1: its gradient is a sum in order, those of its neighbours get atomics.
template <class T>
__global__ void knn_points_backward(KnnPointsBackwardParams<T> p) {
  const int64_t items = p.num_clouds * p.num_points1 * p.dim;
  for (int64_t item = grid_first(); item < items; item += grid_step()) {
    const int64_t row = item / p.dim, d = item % p.dim, n = row / p.num_points1, i = row % p.num_points1;
    const int64_t length = knn::length_of(p.lengths2, n, p.num_points2);
    const bool is_point = i < knn::length_of(p.lengths1, n, p.num_points1);
    const int64_t count = is_point ? (p.k < length ? p.k : length) : 0;
    T sum = 0;
    for (int64_t at = row * p.k; at < row * p.k + count; ++at) {
      const int64_t j = p.idx[at];
      if (j < 0 || j >= length) continue;
      const int64_t other = (n * p.num_points2 + j) * p.dim + d;
      const T grad = knn::coordinate_gradient(p.grad_dists[at], p.p1[item] - p.p2[other], p.l1);
      sum += grad;
      if (p.grad_p2) atomicAdd(p.grad_p2 + other, -grad);
    }
    if (p.grad_p1) p.grad_p1[item] = sum;
  }
}

}  // namespace

template <class T>
void knn_points_backward_cuda_kernel(const KnnPointsBackwardParams<T>& p, void* stream) {
  const auto cuda_stream = static_cast<cudaStream_t>(stream);
  const int64_t items = p.num_clouds * p.num_points1 * p.dim, sums = p.num_clouds * p.num_points2 * p.dim;
  if (p.grad_p2 && sums > 0) cudaMemsetAsync(p.grad_p2, 0, static_cast<size_t>(sums) * sizeof(T), cuda_stream);
  if (items > 0) knn_points_backward<<<blocks_for(items), kThreads, 0, cuda_stream>>>(p);
}

template void knn_points_backward_cuda_kernel(const KnnPointsBackwardParams<float>&, void*);
template void knn_points_backward_cuda_kernel(const KnnPointsBackwardParams<double>&, void*);

}  // namespace bisque
