// nearest_rotation and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <cmath>
#include <limits>

#include <bisque/core/ops/each.h>

namespace bisque {

/// M = B diag(strengths) V^T with orthogonal B and V, by the one-sided Jacobi method. strengths are the singular
/// values, of which the smallest is negative where B had to be mirrored. The nearest rotation is B V^T.
struct RotationFactors {
  double* B;          // [D, D]
  double* V;          // [D, D]
  double* work;       // [D, D]
  double* strengths;  // [D]
  int64_t D;
  double greatest = 0;
  int exponent = 0;

  /// `memory` has room for three matrices.
  BISQUE_HOST_DEVICE RotationFactors(double* memory, double* strengths_, int64_t D_)
      : B(memory), V(memory + D_ * D_), work(memory + 2 * D_ * D_), strengths(strengths_), D(D_) {}

  template <class T>
  BISQUE_HOST_DEVICE void solve(const T* matrix, bool allow_reflection) {
    bool turned = load(matrix);
    if (!turned) {
      fill_nan();
      return;
    }
    for (int sweep = 0; sweep < 40 && turned; ++sweep) {
      turned = false;
      for (int64_t p = 0; p + 1 < D; ++p) {
        for (int64_t q = p + 1; q < D; ++q) turned = make_orthogonal(p, q) || turned;
      }
    }
    normalize();
    if (!allow_reflection && determinant() < 0) mirror();
  }

  /// Scales by a power of two, so that no square overflows. Returns whether all values are finite.
  template <class T>
  BISQUE_HOST_DEVICE bool load(const T* matrix) {
    double largest = 0;
    bool finite = true;
    for (int64_t i = 0; i < D * D; ++i) {
      B[i] = matrix[i];
      finite = finite && std::fabs(B[i]) <= std::numeric_limits<double>::max();
      largest = std::fmax(largest, std::fabs(B[i]));
      V[i] = i % (D + 1) == 0;
    }
    if (finite && largest > 0) std::frexp(largest, &exponent);
    for (int64_t i = 0; i < D * D; ++i) B[i] = std::ldexp(B[i], -exponent);
    return finite;
  }

  BISQUE_HOST_DEVICE void fill_nan() {
    for (int64_t i = 0; i < D * D; ++i) B[i] = std::numeric_limits<double>::quiet_NaN();
    for (int64_t k = 0; k < D; ++k) strengths[k] = B[k];
  }

  BISQUE_HOST_DEVICE double product(const double* matrix, int64_t p, int64_t q) const {
    double sum = 0;
    for (int64_t i = 0; i < D; ++i) sum += matrix[i * D + p] * matrix[i * D + q];
    return sum;
  }

  /// Turns two columns of B. Returns whether they were not orthogonal.
  BISQUE_HOST_DEVICE bool make_orthogonal(int64_t p, int64_t q) {
    const double pp = product(B, p, p), qq = product(B, q, q), pq = product(B, p, q);
    if (!(std::fabs(pq) > 1e-15 * std::sqrt(pp) * std::sqrt(qq))) return false;
    const double ratio = (qq - pp) / (2 * pq);
    const double tangent = std::copysign(1 / (std::fabs(ratio) + std::sqrt(ratio * ratio + 1)), ratio);
    const double cosine = 1 / std::sqrt(tangent * tangent + 1), sine = tangent * cosine;
    turn(B, p, q, cosine, sine);
    turn(V, p, q, cosine, sine);
    return true;
  }
  BISQUE_HOST_DEVICE void turn(double* matrix, int64_t p, int64_t q, double cosine, double sine) const {
    for (int64_t i = 0; i < D; ++i) {
      const double a = matrix[i * D + p], b = matrix[i * D + q];
      matrix[i * D + p] = cosine * a - sine * b;
      matrix[i * D + q] = sine * a + cosine * b;
    }
  }

  /// Makes the columns of B unit vectors. Those without a length become orthogonal to all others.
  BISQUE_HOST_DEVICE void normalize() {
    greatest = 0;
    for (int64_t k = 0; k < D; ++k) {
      strengths[k] = std::sqrt(product(B, k, k));
      greatest = std::fmax(greatest, strengths[k]);
    }
    for (int64_t k = 0; k < D; ++k) {
      if (is_zero(strengths[k])) {
        set_column(k, -1);
        continue;
      }
      for (int64_t i = 0; i < D; ++i) B[i * D + k] /= strengths[k];
    }
    for (int64_t k = 0; k < D; ++k) {
      if (is_zero(strengths[k])) complete(k);
    }
  }
  BISQUE_HOST_DEVICE bool is_zero(double strength) const {
    return std::fabs(strength) <= double(D) * std::numeric_limits<double>::epsilon() * greatest;
  }
  /// An axis of the space; none for -1.
  BISQUE_HOST_DEVICE void set_column(int64_t k, int64_t axis) {
    for (int64_t i = 0; i < D; ++i) B[i * D + k] = i == axis;
  }

  /// Column k becomes the part of an axis that is orthogonal to all other columns, of the axis of which most is left.
  BISQUE_HOST_DEVICE void complete(int64_t k) {
    int64_t best = 0;
    double least = 2;
    for (int64_t axis = 0; axis < D; ++axis) {
      double covered = 0;
      for (int64_t i = 0; i < D; ++i) covered += B[axis * D + i] * B[axis * D + i];
      if (covered < least) least = covered, best = axis;
    }
    set_column(k, best);
    for (int pass = 0; pass < 2; ++pass) {  // once leaves rounding that the second pass removes
      for (int64_t j = 0; j < D; ++j) {
        const double along = j == k ? 0 : product(B, j, k);
        for (int64_t i = 0; i < D; ++i) B[i * D + k] -= along * B[i * D + j];
      }
    }
    const double length = std::sqrt(product(B, k, k));
    for (int64_t i = 0; i < D; ++i) B[i * D + k] /= length;
  }

  /// Of B, by elimination with pivots. V is a product of rotations: its determinant is 1.
  BISQUE_HOST_DEVICE double determinant() {
    for (int64_t i = 0; i < D * D; ++i) work[i] = B[i];
    double result = 1;
    for (int64_t k = 0; k < D; ++k) {
      int64_t pivot = k;
      for (int64_t i = k + 1; i < D; ++i) {
        if (std::fabs(work[i * D + k]) > std::fabs(work[pivot * D + k])) pivot = i;
      }
      result *= pivot == k ? work[pivot * D + k] : -work[pivot * D + k];
      for (int64_t j = k; j < D; ++j) {
        const double upper = work[pivot * D + j];
        work[pivot * D + j] = work[k * D + j];
        work[k * D + j] = upper;
      }
      for (int64_t i = k + 1; i < D; ++i) {
        const double factor = work[i * D + k] / work[k * D + k];
        for (int64_t j = k; j < D; ++j) work[i * D + j] -= factor * work[k * D + j];
      }
    }
    return result;
  }

  /// Along the direction of the smallest singular value, the last of equal ones.
  BISQUE_HOST_DEVICE void mirror() {
    int64_t smallest = 0;
    for (int64_t k = 1; k < D; ++k) {
      if (strengths[k] <= strengths[smallest]) smallest = k;
    }
    strengths[smallest] = -strengths[smallest];
    for (int64_t i = 0; i < D; ++i) B[i * D + smallest] = -B[i * D + smallest];
  }
};

template <class P>
BISQUE_HOST_DEVICE inline RotationFactors rotation_factors(const P& p, int64_t n) {
  RotationFactors factors(p.memory + 3 * n * p.D * p.D, p.strengths + n * p.D, p.D);
  factors.solve(p.matrices + n * p.D * p.D, p.allow_reflection);
  return factors;
}

template <class P>
BISQUE_HOST_DEVICE inline void nearest_rotation_of_matrix(const P& p, int64_t n) {
  const RotationFactors factors = rotation_factors(p, n);
  const int64_t D = p.D;
  for (int64_t i = 0; i < D; ++i) {
    for (int64_t j = 0; j < D; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < D; ++k) sum += factors.B[i * D + k] * factors.V[j * D + k];
      p.rotations[(n * D + i) * D + j] = static_cast<typename P::Float>(sum);
    }
  }
}

/// B^T G V, antisymmetric part, over the sums of two strengths: how the rotation turns. 0 where it is not determined.
template <class P>
BISQUE_HOST_DEVICE inline double rotation_turn(const P& p, int64_t n, const RotationFactors& factors, int64_t i,
                                               int64_t j) {
  using T = typename P::Float;
  const int64_t D = p.D;
  const double strength = factors.strengths[i] + factors.strengths[j];
  if (i == j || std::fabs(strength) <= 8 * double(std::numeric_limits<T>::epsilon()) * factors.greatest) return 0;
  double turn = 0;
  for (int64_t k = 0; k < D; ++k) {
    for (int64_t l = 0; l < D; ++l) {
      turn += double(p.grad_rotations[(n * D + k) * D + l]) *
              (factors.B[k * D + i] * factors.V[l * D + j] - factors.B[k * D + j] * factors.V[l * D + i]);
    }
  }
  return std::ldexp(turn / strength, -factors.exponent);
}

template <class P>
BISQUE_HOST_DEVICE inline void nearest_rotation_gradient(const P& p, int64_t n) {
  const RotationFactors factors = rotation_factors(p, n);
  const int64_t D = p.D;
  for (int64_t i = 0; i < D; ++i) {
    for (int64_t j = 0; j < D; ++j) factors.work[i * D + j] = rotation_turn(p, n, factors, i, j);
  }
  for (int64_t i = 0; i < D; ++i) {
    for (int64_t j = 0; j < D; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < D; ++k) {
        for (int64_t l = 0; l < D; ++l) sum += factors.B[i * D + k] * factors.work[k * D + l] * factors.V[j * D + l];
      }
      p.grad_matrices[(n * D + i) * D + j] = static_cast<typename P::Float>(sum);
    }
  }
}

template <class T>
struct NearestRotation {
  using Float = T;

  const T* matrices;  // [N, D, D]
  bool allow_reflection;
  T* rotations;       // [N, D, D]
  double* memory;     // [N, 3, D, D]
  double* strengths;  // [N, D]
  int64_t N, D;

  template <class On>
  void run(const On& on) const {
    each<nearest_rotation_of_matrix<NearestRotation>, 32>(on, *this, N);
  }
};

template <class T>
struct NearestRotationBackward {
  using Float = T;

  const T* grad_rotations;  // [N, D, D]
  const T* matrices;        // [N, D, D]
  bool allow_reflection;
  T* grad_matrices;   // [N, D, D]
  double* memory;     // [N, 3, D, D]
  double* strengths;  // [N, D]
  int64_t N, D;

  template <class On>
  void run(const On& on) const {
    each<nearest_rotation_gradient<NearestRotationBackward>, 32>(on, *this, N);
  }
};

}  // namespace bisque
