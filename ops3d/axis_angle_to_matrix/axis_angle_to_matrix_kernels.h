// axis_angle_to_matrix and its gradients, for CPU and CUDA. No torch, no CUDA.
#pragma once
#include <bisque/ops3d/to_matrix/to_matrix_kernels.h>

namespace bisque::to_matrix {

/// cos(angle / 2) and sin(angle / 2) / angle as functions of the square of the angle. Near zero they are power series,
/// so that derivatives at zero are exact.
template <class S>
struct HalfAngle {
  static constexpr double kSeriesLimit = 1.0 / 16;  // 7 terms are exact in double

  S cosine, sine;     // cos(angle / 2), sin(angle / 2) / angle
  S sine_derivative;  // by the square; that of the cosine is -sine / 4

  BISQUE_HOST_DEVICE explicit HalfAngle(const S& square) : cosine(1), sine(0.5), sine_derivative(0) {
    if (plain_value(square) < kSeriesLimit) {
      S cosine_term(1), sine_term(0.5);
      for (int k = 1; k < 7; ++k) {
        const S factor(-0.25 / (2 * k * (2 * k + 1)));
        sine_derivative = sine_derivative + sine_term * factor * S(k);
        sine_term = sine_term * factor * square;
        sine = sine + sine_term;
        cosine_term = cosine_term * S(-0.25 / ((2 * k - 1) * 2 * k)) * square;
        cosine = cosine + cosine_term;
      }
    } else {
      const S angle = root_of(square), half = angle * S(0.5);
      cosine = cosine_of(half);
      sine = sine_of(half) / angle;
      sine_derivative = (cosine * S(0.5) - sine) / (square + square);
    }
  }
};

/// Of an axis times an angle, by the quaternion [cos(angle / 2), sin(angle / 2) / angle * x].
struct AxisAngleFormula {
  static constexpr int kInputs = 3;

  template <class S>
  BISQUE_HOST_DEVICE static void matrix_of(const S* x, S* matrix) {
    const HalfAngle<S> half(dot_of<3>(x, x));
    const S v[3] = {half.sine * x[0], half.sine * x[1], half.sine * x[2]};
    matrix_of_unit_quaternion(half.cosine, v, matrix);
  }

  template <class S>
  BISQUE_HOST_DEVICE static void gradient_of(const S* x, const S* grad_matrix, S* grad_x) {
    const HalfAngle<S> half(dot_of<3>(x, x));
    const S v[3] = {half.sine * x[0], half.sine * x[1], half.sine * x[2]};
    S grad_cosine, grad_v[3];
    gradient_of_unit_quaternion(half.cosine, v, grad_matrix, grad_cosine, grad_v);
    const S grad_square = half.sine_derivative * dot_of<3>(grad_v, x) - half.sine * grad_cosine * S(0.25);
    for (int i = 0; i < 3; ++i) grad_x[i] = half.sine * grad_v[i] + S(2) * grad_square * x[i];
  }
};

}  // namespace bisque::to_matrix

namespace bisque {

template <class T>
using AxisAngleToMatrix = to_matrix::ToMatrix<to_matrix::AxisAngleFormula, T>;
template <class T>
using AxisAngleToMatrixBackward = to_matrix::ToMatrixBackward<to_matrix::AxisAngleFormula, T>;
template <class T>
using AxisAngleToMatrixBackwardBackward = to_matrix::ToMatrixBackwardBackward<to_matrix::AxisAngleFormula, T>;

}  // namespace bisque
