// A thread a query, all points of its cloud in order; tiles of them go through shared memory.
#include <bisque/ops3d/knn_points/knn_points_gradient.h>
#include <bisque/core/ops/each.cuh>

namespace bisque {
namespace {

using knn::Key;
using knn::KeyOf;

constexpr int kQueries = 128;  // threads of a block
constexpr int kTile3 = 256;    // points of a tile of three coordinates
constexpr int kTile = 16;      // points of a tile of any number of coordinates
constexpr int kChunk = 32;     // and how many of them it holds at a time

// The nearest points in registers, sorted. Points come in the order of their indices, so that equal ones keep it.
template <class T, int kMost>
class ShortList {
 public:
  // Fewer than kMost are wanted: what lies before them is nearer than any point.
  __device__ ShortList(int64_t wanted, T*, int64_t*) : unused_(kMost - static_cast<int>(wanted)) {
#pragma unroll
    for (int i = 0; i < kMost; ++i) keys_[i] = i < unused_ ? Key<T>(-1) : KeyOf<T>::kNone, index_[i] = 0;
  }

  __device__ void insert(T distance, int32_t index) {
    const Key<T> key = knn::key_of(distance);
    if (key >= keys_[kMost - 1]) return;
#pragma unroll
    for (int i = kMost - 1; i > 0; --i) {
      if (key < keys_[i - 1]) {
        keys_[i] = keys_[i - 1], index_[i] = index_[i - 1];
      } else if (key < keys_[i]) {
        keys_[i] = key, index_[i] = index;
      }
    }
    if (key < keys_[0]) keys_[0] = key, index_[0] = index;
  }

  __device__ void write(T* dists, int64_t* idx) {
#pragma unroll
    for (int i = 0; i < kMost; ++i) {
      if (i < unused_) continue;
      dists[i - unused_] = knn::distance_of<T>(keys_[i]);
      idx[i - unused_] = index_[i];
    }
  }

 private:
  int unused_;
  Key<T> keys_[kMost];
  int32_t index_[kMost];
};

// The nearest points as a heap in the results themselves, the farthest on top.
template <class T>
class Heap {
 public:
  __device__ Heap(int64_t wanted, T* dists, int64_t* idx) : wanted_(wanted), dists_(dists), idx_(idx) {}

  __device__ void insert(T distance, int32_t index) {
    if (size_ < wanted_) {
      int64_t i = size_++;
      for (; i > 0 && farther(distance, index, (i - 1) / 2); i = (i - 1) / 2)
        set(i, dists_[(i - 1) / 2], idx_[(i - 1) / 2]);
      set(i, distance, index);
    } else if (!farther(distance, index, 0)) {
      sink(distance, index, size_);
    }
  }

  // Takes the farthest off the heap to the end, until all are sorted.
  __device__ void write(T*, int64_t*) {
    for (int64_t end = size_ - 1; end > 0; --end) {
      const T distance = dists_[end];
      const int64_t index = idx_[end];
      set(end, dists_[0], idx_[0]);
      sink(distance, index, end);
    }
  }

 private:
  __device__ bool farther(T distance, int64_t index, int64_t i) const {
    const Key<T> a = knn::key_of(distance), b = knn::key_of(dists_[i]);
    return a != b ? a > b : index > idx_[i];
  }

  __device__ void set(int64_t i, T distance, int64_t index) { dists_[i] = distance, idx_[i] = index; }

  // Replaces the top of the first `size`.
  __device__ void sink(T distance, int64_t index, int64_t size) {
    int64_t i = 0;
    for (int64_t child = 1; child < size; child = 2 * i + 1) {
      if (child + 1 < size && farther(dists_[child + 1], idx_[child + 1], child)) ++child;
      if (farther(distance, index, child)) break;
      set(i, dists_[child], idx_[child]);
      i = child;
    }
    set(i, distance, index);
  }

  int64_t wanted_, size_ = 0;
  T* dists_;
  int64_t* idx_;
};

template <class T>
__device__ T term(T diff, bool l1) {
  return l1 ? std::abs(diff) : knn::square(diff);
}

template <class T, class List>
__device__ void visit_points_3(const KnnPoints<T>& p, const T* query, const T* points, int64_t length, List& list) {
  __shared__ T tile[3 * kTile3];
  T x = 0, y = 0, z = 0;
  if (query) x = query[0], y = query[1], z = query[2];
  for (int64_t first = 0; first < length; first += kTile3) {
    const int count = static_cast<int>(min(static_cast<int64_t>(kTile3), length - first));
    __syncthreads();
    for (int i = threadIdx.x; i < 3 * count; i += kQueries) tile[i] = points[3 * first + i];
    __syncthreads();
    for (int i = 0; query && i < count; ++i) {
      const T sum = knn::add(term(x - tile[3 * i], p.l1()), term(y - tile[3 * i + 1], p.l1()));
      list.insert(knn::add(sum, term(z - tile[3 * i + 2], p.l1())), static_cast<int32_t>(first + i));
    }
  }
}

template <class T, class List>
__device__ void visit_points(const KnnPoints<T>& p, const T* query, const T* points, int64_t length, List& list) {
  __shared__ T tile[kChunk][kTile];
  for (int64_t first = 0; first < length; first += kTile) {
    const int count = static_cast<int>(min(static_cast<int64_t>(kTile), length - first));
    T sums[kTile] = {};
    for (int64_t d = 0; d < p.D; d += kChunk) {
      const int width = static_cast<int>(min(static_cast<int64_t>(kChunk), p.D - d));
      __syncthreads();
      for (int i = threadIdx.x; i < kTile * width; i += kQueries) {
        const int point = i / width, column = i % width;
        tile[column][point] = point < count ? points[(first + point) * p.D + d + column] : T(0);
      }
      __syncthreads();
      for (int column = 0; query && column < width; ++column) {
        const T x = query[d + column];
#pragma unroll
        for (int i = 0; i < kTile; ++i) sums[i] = knn::add(sums[i], term(x - tile[column][i], p.l1()));
      }
    }
    if (!query) continue;
#pragma unroll
    for (int i = 0; i < kTile; ++i) {
      if (i < count) list.insert(sums[i], static_cast<int32_t>(first + i));
    }
  }
}

template <class T, class List, bool kThree>
__global__ void __launch_bounds__(kQueries) knn_points_forward(KnnPoints<T> p, int64_t blocks_a_cloud) {
  for (int64_t block = blockIdx.x; block < p.N * blocks_a_cloud; block += gridDim.x) {
    const int64_t n = block / blocks_a_cloud, i = block % blocks_a_cloud * kQueries + threadIdx.x;
    const int64_t row = n * p.P1 + i, length = knn::length_of(p.lengths2, n, p.P2);
    const bool is_point = i < knn::length_of(p.lengths1, n, p.P1);
    const int64_t found = is_point ? min(p.K, length) : 0;
    const T* query = is_point ? p.p1 + row * p.D : nullptr;  // all threads load tiles, those without a point too
    const T* points = p.p2 + n * p.P2 * p.D;
    T* dists = p.dists + row * p.K;
    int64_t* idx = p.idx + row * p.K;
    List list(found, dists, idx);
    if constexpr (kThree) {
      visit_points_3(p, query, points, length, list);
    } else {
      visit_points(p, query, points, length, list);
    }
    if (i >= p.P1) continue;
    list.write(dists, idx);
    for (int64_t k = found; k < p.K; ++k) dists[k] = 0, idx[k] = 0;
  }
}

template <class T, class List>
void launch(const KnnPoints<T>& p, cudaStream_t stream) {
  const int64_t blocks_a_cloud = (p.P1 + kQueries - 1) / kQueries, blocks = p.N * blocks_a_cloud;
  if (blocks == 0) return;
  const auto grid = static_cast<unsigned>(blocks < (1 << 30) ? blocks : 1 << 30);
  if (p.D == 3) {
    knn_points_forward<T, List, true><<<grid, kQueries, 0, stream>>>(p, blocks_a_cloud);
  } else {
    knn_points_forward<T, List, false><<<grid, kQueries, 0, stream>>>(p, blocks_a_cloud);
  }
}

}  // namespace

template <class T>
void KnnPoints<T>::run(const OnCuda& on) const {
  if (on.reports) each<knn::check_lengths<KnnPoints>>(on, *this, N);
  const auto stream = static_cast<cudaStream_t>(on.stream);
  const int64_t k = K < P2 ? K : P2;
  if (k <= 1) return launch<T, ShortList<T, 1>>(*this, stream);
  if (k <= 8) return launch<T, ShortList<T, 8>>(*this, stream);
  if (k <= 32) return launch<T, ShortList<T, 32>>(*this, stream);
  launch<T, Heap<T>>(*this, stream);
}

template <class T>
void KnnPointsBackward<T>::run(const OnCuda& on) const {
  knn::gradient_of(*this).run(on);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::KnnPoints)
BISQUE_ON_CUDA(bisque::KnnPointsBackward)
