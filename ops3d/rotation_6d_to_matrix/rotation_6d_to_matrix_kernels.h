// rotation_6d_to_matrix and its gradients, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/ops3d/to_matrix/to_matrix_kernels.h>

namespace bisque::to_matrix {

template <class S>
struct Vector3 {
  S x, y, z;
};

template <class S>
BISQUE_HOST_DEVICE inline Vector3<S> operator+(const Vector3<S>& a, const Vector3<S>& b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}

template <class S>
BISQUE_HOST_DEVICE inline Vector3<S> operator-(const Vector3<S>& a, const Vector3<S>& b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}

template <class S>
BISQUE_HOST_DEVICE inline Vector3<S> operator*(const S& s, const Vector3<S>& a) {
  return {s * a.x, s * a.y, s * a.z};
}

template <class S>
BISQUE_HOST_DEVICE inline S dot(const Vector3<S>& a, const Vector3<S>& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

template <class S>
BISQUE_HOST_DEVICE inline Vector3<S> cross(const Vector3<S>& a, const Vector3<S>& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

template <class S>
BISQUE_HOST_DEVICE inline Vector3<S> load3(const S* from) {
  return {from[0], from[1], from[2]};
}

template <class S>
BISQUE_HOST_DEVICE inline void store3(const Vector3<S>& a, S* to) {
  to[0] = a.x;
  to[1] = a.y;
  to[2] = a.z;
}

/// A vector of length 1, and 1 / length of what it was made of.
template <class S>
struct Unit3 {
  Vector3<S> unit;
  S inverse_length;

  BISQUE_HOST_DEVICE explicit Unit3(const Vector3<S>& v) {
    S x[3] = {v.x, v.y, v.z};
    inverse_length = make_unit<3>(x);
    unit = load3(x);
  }

  /// The gradient of what it was made of.
  BISQUE_HOST_DEVICE Vector3<S> gradient(const Vector3<S>& grad) const {
    return inverse_length * (grad - dot(unit, grad) * unit);
  }
};

/// Gram-Schmidt of two vectors: the rows a, b and a x b.
template <class S>
struct GramSchmidt {
  Unit3<S> a, second, b;
  S along;

  BISQUE_HOST_DEVICE explicit GramSchmidt(const S* x)
      : a(load3(x)),
        second(load3(x + 3)),
        b(second.unit - dot(a.unit, second.unit) * a.unit),
        along(dot(a.unit, second.unit)) {}
};

struct Rotation6dFormula {
  static constexpr int kInputs = 6;

  template <class S>
  BISQUE_HOST_DEVICE static void matrix_of(const S* x, S* matrix) {
    const GramSchmidt<S> rows(x);
    store3(rows.a.unit, matrix);
    store3(rows.b.unit, matrix + 3);
    store3(cross(rows.a.unit, rows.b.unit), matrix + 6);
  }

  template <class S>
  BISQUE_HOST_DEVICE static void gradient_of(const S* x, const S* grad_matrix, S* grad_x) {
    const GramSchmidt<S> rows(x);
    const Vector3<S> a = rows.a.unit, grad_cross = load3(grad_matrix + 6);
    const Vector3<S> grad_rest = rows.b.gradient(load3(grad_matrix + 3) + cross(grad_cross, a));
    const S grad_along = dot(a, grad_rest);
    const Vector3<S> grad_a =
        load3(grad_matrix) + cross(rows.b.unit, grad_cross) - rows.along * grad_rest - grad_along * rows.second.unit;
    store3(rows.a.gradient(grad_a), grad_x);
    store3(rows.second.gradient(grad_rest - grad_along * a), grad_x + 3);
  }
};

}  // namespace bisque::to_matrix

namespace bisque {

template <class T>
using Rotation6dToMatrix = to_matrix::ToMatrix<to_matrix::Rotation6dFormula, T>;
template <class T>
using Rotation6dToMatrixBackward = to_matrix::ToMatrixBackward<to_matrix::Rotation6dFormula, T>;
template <class T>
using Rotation6dToMatrixBackwardBackward = to_matrix::ToMatrixBackwardBackward<to_matrix::Rotation6dFormula, T>;

}  // namespace bisque
