// The bridge between the glue and the kernels of _knn_points_backward: no torch, no CUDA.
#pragma once
#include <cstdint>

namespace bisque {

template <class T>
struct KnnPointsBackwardParams {
  const T* grad_dists;      // [N, P1, K]
  const T* p1;              // [N, P1, D]
  const T* p2;              // [N, P2, D]
  const int64_t* lengths1;  // [N], or null: all P1
  const int64_t* lengths2;  // [N], or null: all P2
  const int64_t* idx;       // [N, P1, K]
  T* grad_p1;               // [N, P1, D], or null: not wanted
  T* grad_p2;               // [N, P2, D], or null: not wanted
  int64_t num_clouds, num_points1, num_points2, dim, k;
  bool l1;
};

/// Returns the position in idx of the first index that is no point of its cloud, or -1. Such indices are left out.
template <class T>
int64_t knn_points_backward_cpu_kernel(const KnnPointsBackwardParams<T>& params);

/// Leaves out indices that are no point of their cloud. `stream` is a cudaStream_t.
template <class T>
void knn_points_backward_cuda_kernel(const KnnPointsBackwardParams<T>& params, void* stream);

}  // namespace bisque
