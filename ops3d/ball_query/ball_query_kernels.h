// ball_query and its gradient: the params. No torch, no CUDA.
#pragma once
#include <bisque/ops3d/knn_points/knn_points_gradient.h>

namespace bisque {

template <class T>
struct BallQuery {
  const T* p1;              // [N, P1, D]
  const T* p2;              // [N, P2, D]
  const int64_t* lengths1;  // [N], or null: all P1
  const int64_t* lengths2;  // [N], or null: all P2
  int64_t K;
  double radius;
  T* dists;      // [N, P1, K]
  int64_t* idx;  // [N, P1, K]
  int64_t N, P1, D, P2;

  /// What a squared distance must be less than. Infinite where the radius is too large for T.
  BISQUE_HOST_DEVICE T limit() const { return static_cast<T>(radius) * static_cast<T>(radius); }
  void run(const OnCpu& on) const;
  void run(const OnCuda& on) const;
};

template <class T>
struct BallQueryBackward {
  const T* grad_dists;  // [N, P1, K]
  const T *p1, *p2;     // from here as in BallQuery
  const int64_t *lengths1, *lengths2;
  const int64_t* idx;
  bool need_grad_p1, need_grad_p2;
  T* grad_p1;  // [N, P1, D]
  T* grad_p2;  // [N, P2, D]
  int64_t N, P1, D, P2, K;

  template <class On>
  void run(const On& on) const {
    knn::DistsGradient<T>{grad_dists, p1, p2, lengths1, lengths2, idx, -1, false, grad_p1, grad_p2, N, P1, D, P2, K}
        .run(on);
  }
};

}  // namespace bisque
