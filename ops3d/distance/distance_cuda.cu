// A block a query; its threads share out the targets of the cloud.
#include <bisque/ops3d/distance/distance_kernels.h>
#include <bisque/core/ops/each.cuh>

namespace bisque::distance {
namespace {

constexpr int kBlockThreads = 128;

template <class T>
__device__ Nearest<T> nearest_of_warp(Nearest<T> nearest) {
  for (int step = 16; step > 0; step /= 2) {
    const T dist = __shfl_down_sync(~0u, nearest.dist, step);
    const int64_t index = __shfl_down_sync(~0u, nearest.index, step);
    nearest.offer(dist, index);
  }
  return nearest;
}

/// Of all threads; thread 0 gets it.
template <class T>
__device__ Nearest<T> nearest_of_block(Nearest<T> nearest) {
  __shared__ T dists[kBlockThreads / 32];
  __shared__ int64_t idxs[kBlockThreads / 32];
  nearest = nearest_of_warp(nearest);
  if (threadIdx.x % 32 == 0) dists[threadIdx.x / 32] = nearest.dist, idxs[threadIdx.x / 32] = nearest.index;
  __syncthreads();
  for (int i = 0; threadIdx.x == 0 && i < kBlockThreads / 32; ++i) nearest.offer(dists[i], idxs[i]);
  __syncthreads();
  return nearest;
}

template <int kQuery, int kTarget, class T>
__global__ void __launch_bounds__(kBlockThreads) search_targets(Search<T> p) {
  for (int64_t i = blockIdx.x; i < p.num_queries; i += gridDim.x) {
    const T* query = p.queries + 3 * kQuery * i;
    const bool finite = all_finite(query, 3 * kQuery);
    const int64_t cloud = element_of_row(p.query_first, p.num_clouds, i);
    int64_t target = 0, end = 0;
    if (finite && cloud >= 0) {
      target = first_row(p.target_first, cloud, p.num_clouds, p.num_targets) + threadIdx.x;
      end = first_row(p.target_first, cloud + 1, p.num_clouds, p.num_targets);
    }
    Nearest<T> nearest;
    for (; target < end; target += kBlockThreads) {
      const T* corners = p.targets + 3 * kTarget * target;
      if (!all_finite(corners, 3 * kTarget)) continue;
      const double square = pair_square<kQuery, kTarget>(query, corners, 1, p.min_triangle_area);
      nearest.offer(static_cast<T>(square), target);
    }
    nearest = nearest_of_block(nearest);
    if (threadIdx.x == 0) nearest.write(p, i, finite);
  }
}

}  // namespace

template <class T>
void find_nearest(const OnCuda& on, const Search<T>& p) {
  if (on.reports) each<check_clouds<T>>(on, p, p.num_clouds);
  if (p.num_queries == 0) return;
  const auto blocks = static_cast<unsigned>(p.num_queries < (1 << 30) ? p.num_queries : 1 << 30);
  dispatch_corners(p, [&]<int kQuery, int kTarget>() {
    search_targets<kQuery, kTarget><<<blocks, kBlockThreads, 0, static_cast<cudaStream_t>(on.stream)>>>(p);
  });
}

template void find_nearest(const OnCuda&, const Search<float>&);
template void find_nearest(const OnCuda&, const Search<double>&);

}  // namespace bisque::distance

BISQUE_ON_CUDA(bisque::PointFaceDistance)
BISQUE_ON_CUDA(bisque::PointFaceDistanceBackward)
BISQUE_ON_CUDA(bisque::FacePointDistance)
BISQUE_ON_CUDA(bisque::FacePointDistanceBackward)
BISQUE_ON_CUDA(bisque::PointEdgeDistance)
BISQUE_ON_CUDA(bisque::PointEdgeDistanceBackward)
BISQUE_ON_CUDA(bisque::EdgePointDistance)
BISQUE_ON_CUDA(bisque::EdgePointDistanceBackward)
