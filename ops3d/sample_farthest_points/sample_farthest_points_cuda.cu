// A block a cloud; a thread keeps the distances of its points, and the block finds the farthest.
#include <bisque/ops3d/sample_farthest_points/sample_farthest_points_kernels.h>
#include <bisque/core/ops/each.cuh>

namespace bisque {
namespace {

constexpr int kMostThreads = 1024, kWarp = 32;

template <class T>
struct Farthest {
  T dist;
  int64_t index;
};

template <class T>
__device__ Farthest<T> farther(const Farthest<T>& a, const Farthest<T>& b) {
  return a.dist > b.dist || (a.dist == b.dist && a.index < b.index) ? a : b;
}

template <class T>
__device__ Farthest<T> farthest_of_warp(Farthest<T> best) {
  for (int step = kWarp / 2; step > 0; step /= 2) {
    const Farthest<T> other = {__shfl_xor_sync(~0u, best.dist, step), __shfl_xor_sync(~0u, best.index, step)};
    best = farther(best, other);
  }
  return best;
}

// Every thread of the block must call it, and gets the same.
template <class T>
__device__ Farthest<T> farthest_of_block(Farthest<T> best) {
  __shared__ T dists[kWarp];
  __shared__ int64_t indices[kWarp];
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp, warps = blockDim.x / kWarp;
  best = farthest_of_warp(best);
  if (lane == 0) dists[warp] = best.dist, indices[warp] = best.index;
  __syncthreads();
  const int other = lane < warps ? lane : 0;
  best = farthest_of_warp(Farthest<T>{dists[other], indices[other]});
  __syncthreads();
  return best;
}

template <class T>
__device__ bool is_finite(const T* point, int64_t dim) {
  bool finite = true;
  for (int64_t d = 0; d < dim; ++d) finite &= static_cast<bool>(isfinite(point[d]));
  return finite;
}

template <class T>
__global__ void __launch_bounds__(kMostThreads) sample_points(SampleFarthestPoints<T> p) {
  const int64_t n = blockIdx.x, length = p.length_of(n), count = p.count_of(n);
  const T* points = p.points + n * p.P * p.D;
  T* min_dists = p.min_dists + n * p.P;
  int64_t* idx = p.idx + n * p.K;
  for (int64_t k = count + threadIdx.x; k < p.K; k += blockDim.x) idx[k] = -1;
  if (count == 0) return;
  // Points that are not finite are never farther than others.
  for (int64_t i = threadIdx.x; i < length; i += blockDim.x)
    min_dists[i] = is_finite(points + i * p.D, p.D) ? T(INFINITY) : T(-1);
  int64_t selected = p.start_of(n);
  for (int64_t k = 0; k < count; ++k) {
    if (threadIdx.x == 0) idx[k] = selected;
    if (k + 1 == count) return;
    Farthest<T> best = {T(-2), 0};
    for (int64_t i = threadIdx.x; i < length; i += blockDim.x) {
      const T dist = knn::distance(points + selected * p.D, points + i * p.D, p.D, false);
      if (dist < min_dists[i]) min_dists[i] = dist;
      if (min_dists[i] > best.dist) best = {min_dists[i], i};
    }
    selected = farthest_of_block(best).index;
  }
}

}  // namespace

template <class T>
void SampleFarthestPoints<T>::run(const OnCuda& on) const {
  if (on.reports) each<check_sampling<T>>(on, *this, N);
  if (N * K == 0) return;
  const int64_t warps = (P + kWarp - 1) / kWarp;
  const int threads = static_cast<int>(warps < 1 ? kWarp : warps * kWarp < kMostThreads ? warps * kWarp : kMostThreads);
  sample_points<<<static_cast<unsigned>(N), threads, 0, static_cast<cudaStream_t>(on.stream)>>>(*this);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::SampleFarthestPoints)
