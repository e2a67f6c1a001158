// sample_farthest_points: the params, and what CPU and CUDA share. No torch, no CUDA.
#pragma once
#include <bisque/ops3d/knn_points/knn_points_kernels.h>

namespace bisque {

template <class T>
struct SampleFarthestPoints {
  const T* points;         // [N, P, D]
  const int64_t* lengths;  // [N], or null: all P
  int64_t K;
  const int64_t* num_samples;  // [N], or null: all K
  const int64_t* start_idxs;   // [N], or null: all 0
  int64_t* idx;                // [N, K]
  T* min_dists;                // [N, P] of each point to those that are selected; null on the CPU
  int64_t N, P, D;

  BISQUE_HOST_DEVICE int64_t length_of(int64_t cloud) const { return knn::length_of(lengths, cloud, P); }

  /// How many points of a cloud are selected.
  BISQUE_HOST_DEVICE int64_t count_of(int64_t cloud) const {
    const int64_t length = length_of(cloud), wanted = knn::length_of(num_samples, cloud, K);
    return wanted < length ? wanted : length;
  }

  /// The first of them. What is outside of the cloud counts as the nearest point of it.
  BISQUE_HOST_DEVICE int64_t start_of(int64_t cloud) const {
    return start_idxs ? knn::length_of(start_idxs, cloud, length_of(cloud) - 1) : 0;
  }

  void run(const OnCpu& on) const;
  void run(const OnCuda& on) const;
};

template <class T>
BISQUE_HOST_DEVICE inline BadValue check_sampling(const SampleFarthestPoints<T>& p, int64_t cloud) {
  BadValue bad;
  if (p.lengths) bad = check_index(p.lengths, cloud, p.P + 1);
  if (p.num_samples && !bad.array) bad = check_index(p.num_samples, cloud, p.K + 1);
  if (p.start_idxs && !bad.array && p.count_of(cloud) > 0) bad = check_index(p.start_idxs, cloud, p.length_of(cloud));
  return bad;
}

}  // namespace bisque
