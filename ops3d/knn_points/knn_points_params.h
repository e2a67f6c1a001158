// The bridge between the glue and the kernels of knn_points: no torch, no CUDA.
#pragma once
#include <cstdint>

namespace bisque {

template <class T>
struct KnnPointsParams {
  const T* p1;              // [N, P1, D]
  const T* p2;              // [N, P2, D]
  const int64_t* lengths1;  // [N], or null: all P1
  const int64_t* lengths2;  // [N], or null: all P2
  T* dists;                 // [N, P1, K]
  int64_t* idx;             // [N, P1, K]
  int64_t num_clouds, num_points1, num_points2, dim, k;
  bool l1;  // sums of absolute differences, not of squares
};

template <class T>
void knn_points_cpu_kernel(const KnnPointsParams<T>& params);

/// `stream` is a cudaStream_t.
template <class T>
void knn_points_cuda_kernel(const KnnPointsParams<T>& params, void* stream);

}  // namespace bisque
