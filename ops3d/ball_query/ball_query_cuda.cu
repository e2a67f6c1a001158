// A thread a query, which stops at its K-th neighbour. The threads of a warp read the same points at a time.
#include <bisque/ops3d/ball_query/ball_query_kernels.h>
#include <bisque/core/ops/each.cuh>

namespace bisque {
namespace {

template <class T>
__device__ void query_ball(const BallQuery<T>& p, int64_t n, int64_t i) {
  const int64_t row = n * p.P1 + i;
  const int64_t length = i < knn::length_of(p.lengths1, n, p.P1) ? knn::length_of(p.lengths2, n, p.P2) : 0;
  const T limit = p.limit();
  T* dists = p.dists + row * p.K;
  int64_t* idx = p.idx + row * p.K;
  int64_t found = 0;
  for (int64_t j = 0; j < length && found < p.K; ++j) {
    const T dist = knn::distance(p.p1 + row * p.D, p.p2 + (n * p.P2 + j) * p.D, p.D, false);
    if (!(dist < limit)) continue;
    dists[found] = dist;
    idx[found++] = j;
  }
  for (; found < p.K; ++found) dists[found] = 0, idx[found] = -1;
}

}  // namespace

template <class T>
void BallQuery<T>::run(const OnCuda& on) const {
  if (on.reports) each<knn::check_lengths<BallQuery>>(on, *this, N);
  each<query_ball<T>>(on, *this, N, P1);
}

}  // namespace bisque

BISQUE_ON_CUDA(bisque::BallQuery)
BISQUE_ON_CUDA(bisque::BallQueryBackward)
