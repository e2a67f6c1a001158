// What quaternion_to_matrix, axis_angle_to_matrix and rotation_6d_to_matrix share. No torch, no CUDA.
//
// A formula is a struct with the number of its inputs, and two functions of any number type:
//   static constexpr int kInputs = 4;
//   template <class S> static void matrix_of(const S* x, S* matrix);   // 9 elements, by rows
//   template <class S> static void gradient_of(const S* x, const S* grad_matrix, S* grad_x);
// The second gradient follows from these by dual numbers.
#pragma once
#include <cstddef>
#include <cstdint>

#include <bisque/core/ops/each.h>
#include <bisque/ops3d/to_matrix/to_matrix_dual.h>

namespace bisque::to_matrix {

template <int n, class S>
BISQUE_HOST_DEVICE inline S dot_of(const S* a, const S* b) {
  S sum = a[0] * b[0];
  for (int i = 1; i < n; ++i) sum = sum + a[i] * b[i];
  return sum;
}

/// Divides x by its length and returns 1 / length, for any length; leaves zero as it is and returns 1.
template <int n, class S>
BISQUE_HOST_DEVICE inline S make_unit(S* x) {
  auto largest = plain_value(x[0]) * 0;
  for (int i = 0; i < n; ++i) {
    const auto size = plain_value(x[i]) < 0 ? -plain_value(x[i]) : plain_value(x[i]);
    if (size > largest) largest = size;
  }
  if (largest == 0) return S(1);
  // Squares of other sizes may overflow or vanish.
  const bool is_moderate = largest > 1e-15F && largest < 1e15F;
  const S scale(is_moderate ? 1 : largest);
  for (int i = 0; i < n && !is_moderate; ++i) x[i] = x[i] / scale;
  const S length = root_of(dot_of<n>(x, x));
  for (int i = 0; i < n; ++i) x[i] = x[i] / length;
  return S(1) / length / scale;
}

/// The gradient of a vector from that of the unit vector that make_unit made of it.
template <int n, class S>
BISQUE_HOST_DEVICE inline void gradient_of_unit(const S* unit, const S& inverse_length, const S* grad_unit, S* grad) {
  const S along = dot_of<n>(unit, grad_unit);
  for (int i = 0; i < n; ++i) grad[i] = (grad_unit[i] - along * unit[i]) * inverse_length;
}

/// The rotation matrix of a unit quaternion [w, v].
template <class S>
BISQUE_HOST_DEVICE inline void matrix_of_unit_quaternion(const S& w, const S* v, S* matrix) {
  for (int i = 0; i < 3; ++i) {
    const int j = (i + 1) % 3, k = (i + 2) % 3;
    matrix[4 * i] = S(1) - S(2) * (v[j] * v[j] + v[k] * v[k]);
    matrix[3 * i + j] = S(2) * (v[i] * v[j] - v[k] * w);
    matrix[3 * j + i] = S(2) * (v[i] * v[j] + v[k] * w);
  }
}

template <class S>
BISQUE_HOST_DEVICE inline void gradient_of_unit_quaternion(const S& w, const S* v, const S* grad_matrix, S& grad_w,
                                                           S* grad_v) {
  grad_w = S(0);
  for (int i = 0; i < 3; ++i) {
    const int j = (i + 1) % 3, k = (i + 2) % 3;
    const auto sum = [&](int a, int b) { return grad_matrix[3 * a + b] + grad_matrix[3 * b + a]; };
    const S turn = grad_matrix[3 * k + j] - grad_matrix[3 * j + k];
    grad_w = grad_w + S(2) * turn * v[i];
    grad_v[i] = S(2) * (turn * w + sum(i, j) * v[j] + sum(i, k) * v[k] - (sum(j, j) + sum(k, k)) * v[i]);
  }
}

template <class P>
BISQUE_HOST_DEVICE inline void matrix_of_row(const P& p, int64_t row) {
  P::Formula::matrix_of(p.x + P::Formula::kInputs * row, p.matrix + 9 * row);
}

template <class P>
BISQUE_HOST_DEVICE inline void gradient_of_row(const P& p, int64_t row) {
  constexpr int n = P::Formula::kInputs;
  P::Formula::gradient_of(p.x + n * row, p.grad_matrix + 9 * row, p.grad_x + n * row);
}

// The first gradient is g = J^T G, and h the gradient that reaches it. That of G is J h, the derivative of the matrix
// along h. That of x is the derivative of g along h, since the derivatives of g, second ones of G . matrix, are
// symmetric.
template <class P>
BISQUE_HOST_DEVICE inline void second_gradient_of_row(const P& p, int64_t row) {
  constexpr int n = P::Formula::kInputs;
  using Number = Dual<typename P::Float>;
  Number x[n], matrix[9], grad_matrix[9], grad_x[n];
  for (int i = 0; i < n; ++i) x[i] = {p.x[n * row + i], p.grad_grad_x[n * row + i]};
  for (int k = 0; k < 9; ++k) grad_matrix[k] = Number(p.grad_matrix[9 * row + k]);
  P::Formula::matrix_of(x, matrix);
  P::Formula::gradient_of(x, grad_matrix, grad_x);
  for (int k = 0; k < 9; ++k) p.grad_grad_matrix[9 * row + k] = matrix[k].derivative;
  for (int i = 0; i < n; ++i) p.grad_x[n * row + i] = grad_x[i].derivative;
}

template <class F, class T>
struct ToMatrix {
  using Formula = F;
  using Float = T;

  const T* x;  // [N, inputs]
  T* matrix;   // [N, 3, 3]
  int64_t N;

  template <class On>
  void run(const On& on) const {
    each<matrix_of_row<ToMatrix>>(on, *this, N);
  }
};

template <class F, class T>
struct ToMatrixBackward {
  using Formula = F;
  using Float = T;

  const T* grad_matrix;  // [N, 3, 3]
  const T* x;            // [N, inputs]
  T* grad_x;             // [N, inputs]
  int64_t N;

  template <class On>
  void run(const On& on) const {
    each<gradient_of_row<ToMatrixBackward>>(on, *this, N);
  }
};

template <class F, class T>
struct ToMatrixBackwardBackward {
  using Formula = F;
  using Float = T;

  const T* grad_grad_x;  // [N, inputs]
  const T* grad_matrix;  // [N, 3, 3]
  const T* x;            // [N, inputs]
  T* grad_grad_matrix;   // [N, 3, 3]
  T* grad_x;             // [N, inputs]
  int64_t N;

  template <class On>
  void run(const On& on) const {
    each<second_gradient_of_row<ToMatrixBackwardBackward>>(on, *this, N);
  }
};

}  // namespace bisque::to_matrix
