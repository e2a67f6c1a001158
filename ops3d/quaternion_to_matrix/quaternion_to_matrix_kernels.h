// quaternion_to_matrix and its gradients, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/ops3d/to_matrix/to_matrix_kernels.h>

namespace bisque::to_matrix {

/// Of a quaternion [w, x, y, z] of any length.
struct QuaternionFormula {
  static constexpr int kInputs = 4;

  template <class S>
  BISQUE_HOST_DEVICE static void matrix_of(const S* x, S* matrix) {
    S unit[4] = {x[0], x[1], x[2], x[3]};
    make_unit<4>(unit);
    matrix_of_unit_quaternion(unit[0], unit + 1, matrix);
  }

  template <class S>
  BISQUE_HOST_DEVICE static void gradient_of(const S* x, const S* grad_matrix, S* grad_x) {
    S unit[4] = {x[0], x[1], x[2], x[3]}, grad_unit[4];
    const S inverse_length = make_unit<4>(unit);
    gradient_of_unit_quaternion(unit[0], unit + 1, grad_matrix, grad_unit[0], grad_unit + 1);
    gradient_of_unit<4>(unit, inverse_length, grad_unit, grad_x);
  }
};

}  // namespace bisque::to_matrix

namespace bisque {

template <class T>
using QuaternionToMatrix = to_matrix::ToMatrix<to_matrix::QuaternionFormula, T>;
template <class T>
using QuaternionToMatrixBackward = to_matrix::ToMatrixBackward<to_matrix::QuaternionFormula, T>;
template <class T>
using QuaternionToMatrixBackwardBackward = to_matrix::ToMatrixBackwardBackward<to_matrix::QuaternionFormula, T>;

}  // namespace bisque
