// symeig3x3 and its gradient, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <cmath>
#include <limits>

#include <bisque/core/ops/each.h>

namespace bisque {

/// The eigenvalues of the symmetric part of a matrix, ascending, and its eigenvectors, as columns. In float64, by
/// Jacobi's rotations, which are accurate for any matrix.
struct SymEig3x3Solution {
  double values[3];      // of the matrix times 2^-exponent, whose largest entry is about 1
  double vectors[3][3];  // [row][which]
  int exponent;

  template <class T>
  BISQUE_HOST_DEVICE explicit SymEig3x3Solution(const T* matrix) : exponent(0) {
    double a[3][3], greatest = 0;
    bool finite = true;
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) {
        a[i][j] = 0.5 * double(matrix[3 * i + j]) + 0.5 * double(matrix[3 * j + i]);
        greatest = std::fmax(greatest, std::fabs(a[i][j]));
        finite = finite && std::fabs(a[i][j]) <= std::numeric_limits<double>::max();
        vectors[i][j] = i == j;
      }
    }
    if (!finite) {
      fill_nan();
      return;
    }
    if (greatest > 0) std::frexp(greatest, &exponent);
    for (auto& row : a) {
      for (double& entry : row) entry = std::ldexp(entry, -exponent);
    }
    // Convergence is quadratic: four or five sweeps do for any matrix.
    for (int sweep = 0; sweep < 12 && std::fabs(a[0][1]) + std::fabs(a[0][2]) + std::fabs(a[1][2]) > 1e-30; ++sweep) {
      rotate(a, 0, 1);
      rotate(a, 0, 2);
      rotate(a, 1, 2);
    }
    for (int i = 0; i < 3; ++i) values[i] = a[i][i];
    sort(0, 1);
    sort(1, 2);
    sort(0, 1);
    orient();
  }

  BISQUE_HOST_DEVICE void fill_nan() {
    for (int i = 0; i < 3; ++i) {
      values[i] = std::numeric_limits<double>::quiet_NaN();
      for (double& entry : vectors[i]) entry = values[i];
    }
  }

  /// Makes a[p][q] zero.
  BISQUE_HOST_DEVICE void rotate(double (&a)[3][3], int p, int q) {
    const double off = a[p][q];
    if (off == 0) return;
    const double ratio = (a[q][q] - a[p][p]) / (2 * off);
    const double tangent = std::copysign(1 / (std::fabs(ratio) + std::sqrt(ratio * ratio + 1)), ratio);
    const double cosine = 1 / std::sqrt(tangent * tangent + 1), sine = tangent * cosine;
    a[p][p] -= tangent * off;
    a[q][q] += tangent * off;
    a[p][q] = a[q][p] = 0;
    const int r = 3 - p - q;
    const double rp = a[r][p], rq = a[r][q];
    a[r][p] = a[p][r] = cosine * rp - sine * rq;
    a[r][q] = a[q][r] = sine * rp + cosine * rq;
    for (auto& row : vectors) {
      const double vp = row[p], vq = row[q];
      row[p] = cosine * vp - sine * vq;
      row[q] = sine * vp + cosine * vq;
    }
  }

  BISQUE_HOST_DEVICE void sort(int i, int j) {
    if (values[i] <= values[j]) return;
    swap(values[i], values[j]);
    for (auto& row : vectors) swap(row[i], row[j]);
  }
  BISQUE_HOST_DEVICE static void swap(double& a, double& b) {
    const double c = a;
    a = b;
    b = c;
  }

  /// The largest component of the first two vectors becomes positive, and the three a right-handed frame.
  BISQUE_HOST_DEVICE void orient() {
    for (int which = 0; which < 2; ++which) {
      int largest = 0;
      for (int i = 1; i < 3; ++i) {
        if (std::fabs(vectors[i][which]) > std::fabs(vectors[largest][which])) largest = i;
      }
      if (vectors[largest][which] < 0) flip(which);
    }
    double determinant = 0;
    for (int i = 0; i < 3; ++i) {
      const int j = (i + 1) % 3, k = (i + 2) % 3;
      determinant += vectors[i][2] * (vectors[j][0] * vectors[k][1] - vectors[k][0] * vectors[j][1]);
    }
    if (determinant < 0) flip(2);
  }
  BISQUE_HOST_DEVICE void flip(int which) {
    for (auto& row : vectors) row[which] = -row[which];
  }
};

template <class P>
BISQUE_HOST_DEVICE inline void symeig3x3_of_matrix(const P& p, int64_t n) {
  using T = typename P::Float;
  const SymEig3x3Solution solution(p.inputs + 9 * n);
  for (int i = 0; i < 3; ++i) {
    p.values[3 * n + i] = static_cast<T>(std::ldexp(solution.values[i], solution.exponent));
    for (int j = 0; j < 3 && p.vectors; ++j) p.vectors[9 * n + 3 * i + j] = static_cast<T>(solution.vectors[i][j]);
  }
}

/// The gradient of the matrix in the frame of the eigenvectors, [i][j]. A pair of eigenvalues that are equal within
/// rounding has no share in the gradient of the vectors.
template <class P>
BISQUE_HOST_DEVICE inline void symeig3x3_gradient_in_frame(const P& p, int64_t n, const SymEig3x3Solution& solution,
                                                           double (&frame)[3][3]) {
  using T = typename P::Float;
  const auto& [values, vectors, exponent] = solution;
  const double greatest = std::fmax(std::fabs(values[0]), std::fabs(values[2]));
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      frame[i][j] = i == j ? double(p.grad_values[3 * n + i]) : 0;
      const double gap = values[j] - values[i];
      if (i == j || !p.grad_vectors || std::fabs(gap) <= 8 * double(std::numeric_limits<T>::epsilon()) * greatest) {
        continue;
      }
      double along = 0;
      for (int k = 0; k < 3; ++k) along += vectors[k][i] * double(p.grad_vectors[9 * n + 3 * k + j]);
      frame[i][j] = std::ldexp(along / gap, -exponent);
    }
  }
}

template <class P>
BISQUE_HOST_DEVICE inline void symeig3x3_gradient(const P& p, int64_t n) {
  using T = typename P::Float;
  const SymEig3x3Solution solution(p.inputs + 9 * n);
  double frame[3][3];
  symeig3x3_gradient_in_frame(p, n, solution, frame);
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      double sum = 0;
      for (int k = 0; k < 3; ++k) {
        for (int l = 0; l < 3; ++l) {
          sum += solution.vectors[i][k] * (0.5 * (frame[k][l] + frame[l][k])) * solution.vectors[j][l];
        }
      }
      p.grad_inputs[9 * n + 3 * i + j] = static_cast<T>(sum);
    }
  }
}

template <class T>
struct SymEig3x3 {
  using Float = T;

  const T* inputs;    // [N, 3, 3]
  bool eigenvectors;  // whether they are wanted
  T* values;          // [N, 3]
  T* vectors;         // [N, 3, 3], null where they are not wanted
  int64_t N;

  template <class On>
  void run(const On& on) const {
    each<symeig3x3_of_matrix<SymEig3x3>, 64>(on, *this, N);
  }
};

template <class T>
struct SymEig3x3Backward {
  using Float = T;

  const T* grad_values;   // [N, 3]
  const T* grad_vectors;  // [N, 3, 3], null where they were not wanted
  const T* inputs;        // [N, 3, 3]
  bool eigenvectors;
  T* grad_inputs;  // [N, 3, 3]
  int64_t N;

  template <class On>
  void run(const On& on) const {
    each<symeig3x3_gradient<SymEig3x3Backward>, 64>(on, *this, N);
  }
};

}  // namespace bisque
