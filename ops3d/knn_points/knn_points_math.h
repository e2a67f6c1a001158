// Distances and their order, for CPU and CUDA: the same bits on both, whatever the algorithm.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include <bisque/core/ops/host_device.h>

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

}  // namespace bisque::knn
