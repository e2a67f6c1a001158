// The gradient of distances to neighbours, which the ops knn_points and ball_query share.
#pragma once
#include <bisque/ops3d/knn_points/knn_points_kernels.h>

namespace bisque::knn {

/// A gradient that is not wanted is null.
template <class T>
struct DistsGradient {
  const T* grad_dists;      // [N, P1, K]
  const T* p1;              // [N, P1, D]
  const T* p2;              // [N, P2, D]
  const int64_t* lengths1;  // [N], or null: all P1
  const int64_t* lengths2;  // [N], or null: all P2
  const int64_t* idx;       // [N, P1, K]
  int64_t lowest_idx;       // 0, or -1 where an index may say that there is no neighbour
  bool l1;
  T* grad_p1;  // [N, P1, D]
  T* grad_p2;  // [N, P2, D]
  int64_t N, P1, D, P2, K;

  void run(const OnCpu& on) const;
  void run(const OnCuda& on) const;
};

template <class T>
DistsGradient<T> gradient_of(const KnnPointsBackward<T>& p) {
  return {p.grad_dists, p.p1,      p.p2, p.lengths1, p.lengths2, p.idx, 0,  p.norm == 1,
          p.grad_p1,    p.grad_p2, p.N,  p.P1,       p.D,        p.P2,  p.K};
}

}  // namespace bisque::knn
