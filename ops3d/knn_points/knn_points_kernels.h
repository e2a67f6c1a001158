// knn_points and its gradient: the params, and the distances and their order, which are the same bits on CPU and CUDA,
// whatever the algorithm. No torch, no CUDA.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include <bisque/core/ops/each.h>

namespace bisque {

template <class T>
struct KnnPoints {
  const T* p1;              // [N, P1, D]
  const T* p2;              // [N, P2, D]
  const int64_t* lengths1;  // [N], or null: all P1
  const int64_t* lengths2;  // [N], or null: all P2
  int64_t K, norm;
  bool return_sorted;  // results are sorted anyway
  T* dists;            // [N, P1, K]
  int64_t* idx;        // [N, P1, K]
  int64_t N, P1, D, P2;

  BISQUE_HOST_DEVICE bool l1() const { return norm == 1; }  // sums of absolute differences, not of squares
  void run(const OnCpu& on) const;
  void run(const OnCuda& on) const;
};

/// A gradient that is not needed is null.
template <class T>
struct KnnPointsBackward {
  const T* grad_dists;  // [N, P1, K]
  const T *p1, *p2;     // from here as in KnnPoints
  const int64_t *lengths1, *lengths2;
  const int64_t* idx;
  int64_t norm;
  bool need_grad_p1, need_grad_p2;
  T* grad_p1;  // [N, P1, D]
  T* grad_p2;  // [N, P2, D]
  int64_t N, P1, D, P2, K;

  void run(const OnCpu& on) const;
  void run(const OnCuda& on) const;
};

}  // namespace bisque

namespace bisque::knn {

// Sums and products that nvcc must not fuse (g++ is told by -ffp-contract=off).
#ifdef __CUDA_ARCH__
BISQUE_HOST_DEVICE inline float add(float a, float b) { return __fadd_rn(a, b); }
BISQUE_HOST_DEVICE inline double add(double a, double b) { return __dadd_rn(a, b); }
BISQUE_HOST_DEVICE inline float square(float a) { return __fmul_rn(a, a); }
BISQUE_HOST_DEVICE inline double square(double a) { return __dmul_rn(a, a); }
#else
template <class T>
BISQUE_HOST_DEVICE inline T add(T a, T b) {
  return a + b;
}
template <class T>
BISQUE_HOST_DEVICE inline T square(T a) {
  return a * a;
}
#endif

/// The distance of two points, summed from the first coordinate to the last.
template <class T>
BISQUE_HOST_DEVICE inline T distance(const T* a, const T* b, int64_t dim, bool l1) {
  T sum = 0;
  for (int64_t d = 0; d < dim; ++d) {
    const T diff = a[d] - b[d];
    sum = add(sum, l1 ? std::abs(diff) : square(diff));
  }
  return sum;
}

/// How a distance changes with one coordinate of its first point, times `grad`; the second point's gradient is minus
/// that.
template <class T>
BISQUE_HOST_DEVICE inline T coordinate_gradient(T grad, T diff, bool l1) {
  if (!l1) return 2 * grad * diff;
  return grad * (diff > 0 ? T(1) : diff < 0 ? T(-1) : diff);  // 0 and NaN stay
}

/// Integers that order distances: as the numbers do, then infinity, then NaN.
template <class T>
struct KeyOf;
template <>
struct KeyOf<float> {
  using type = int32_t;
  static constexpr int32_t kNan = 0x7fc00000, kNone = 0x7fffffff;  // kNone lies behind any distance
};
template <>
struct KeyOf<double> {
  using type = int64_t;
  static constexpr int64_t kNan = 0x7ff8000000000000, kNone = 0x7fffffffffffffff;
};
template <class T>
using Key = typename KeyOf<T>::type;

/// Distances are never negative, so that their bits order them.
template <class T>
BISQUE_HOST_DEVICE inline Key<T> key_of(T distance) {
  Key<T> key;
  memcpy(&key, &distance, sizeof key);
  return distance == distance ? key : KeyOf<T>::kNan;
}

template <class T>
BISQUE_HOST_DEVICE inline T distance_of(Key<T> key) {
  T distance;
  memcpy(&distance, &key, sizeof key);
  return distance;
}

/// The length of a cloud; what is outside of [0, size] counts as the nearest of both.
BISQUE_HOST_DEVICE inline int64_t length_of(const int64_t* lengths, int64_t cloud, int64_t size) {
  if (!lengths) return size;
  const int64_t length = lengths[cloud];
  return length < 0 ? 0 : length < size ? length : size;
}

/// Whether the lengths of a cloud lie within it.
template <class P>
BISQUE_HOST_DEVICE inline BadValue check_lengths(const P& p, int64_t cloud) {
  BadValue bad;
  if (p.lengths1) bad = check_index(p.lengths1, cloud, p.P1 + 1);
  if (p.lengths2 && !bad.array) bad = check_index(p.lengths2, cloud, p.P2 + 1);
  return bad;
}

}  // namespace bisque::knn
