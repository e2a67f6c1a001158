#include <ATen/ATen.h>

#include <bisque/ops3d/transforms/arguments.h>
#include <bisque/ops3d/transforms/components.h>
#include <bisque/ops3d/transforms/rotation_conversions.h>
#include <bisque/ops3d/transforms/smooth.h>

namespace bisque {
namespace {

using at::Tensor;
using transforms::check_last_sizes;
using transforms::components_of;
using transforms::from_components;

// Below, vectors, quaternions and matrices are [components, batch].

Tensor quaternion_of_axis_angle(const Tensor& axis_angle) {
  const Tensor squares = transforms::square_sum(axis_angle, 0);
  return at::cat({transforms::cos_half(squares), transforms::sin_half_over_angle(squares) * axis_angle});
}

Tensor axis_angle_of_quaternion(const Tensor& quaternions) {
  const Tensor v = quaternions.narrow(0, 1, 3);
  return transforms::axis_angle_factor(transforms::square_sum(v, 0), quaternions.narrow(0, 0, 1)) * v;
}

// The matrix 4 q q^T is linear in the elements of R. Its diagonal sums to 4, so that its largest element is 1 or more:
// the row of that, divided by twice its root, is q or -q.
Tensor quaternion_of_matrix(const Tensor& matrix) {
  const std::vector<Tensor> m = matrix.unbind(0);
  const Tensor wx = m[7] - m[5], wy = m[2] - m[6], wz = m[3] - m[1];
  const Tensor xy = m[1] + m[3], yz = m[5] + m[7], zx = m[6] + m[2];
  const Tensor sum = 1 + m[0], difference = 1 - m[0];
  const Tensor ww = sum + m[4] + m[8], xx = sum - m[4] - m[8];
  const Tensor yy = difference + m[4] - m[8], zz = difference - m[4] + m[8];
  const Tensor rows = at::stack({ww, wx, wy, wz,  //
                                 wx, xx, xy, zx,  //
                                 wy, xy, yy, yz,  //
                                 wz, zx, yz, zz})
                          .unflatten(0, {4, 4});
  const auto [diagonal, largest] = at::stack({ww, xx, yy, zz}).max(0);  // the first of equal ones
  const Tensor row = rows.gather(0, largest.expand({1, 4, -1})).squeeze(0);
  const Tensor quaternions = row / (2 * diagonal.sqrt());
  return at::where(quaternions[0] < 0, -quaternions, quaternions);
}

}  // namespace

Tensor matrix_to_quaternion(const Tensor& matrix) {
  check_last_sizes("matrix_to_quaternion", "matrix", matrix, {3, 3});
  return from_components(quaternion_of_matrix(components_of(matrix, 2)), matrix, 2, {4});
}

Tensor axis_angle_to_quaternion(const Tensor& axis_angle) {
  check_last_sizes("axis_angle_to_quaternion", "axis_angle", axis_angle, {3});
  return from_components(quaternion_of_axis_angle(components_of(axis_angle, 1)), axis_angle, 1, {4});
}

Tensor quaternion_to_axis_angle(const Tensor& quaternions) {
  check_last_sizes("quaternion_to_axis_angle", "quaternions", quaternions, {4});
  return from_components(axis_angle_of_quaternion(components_of(quaternions, 1)), quaternions, 1, {3});
}

Tensor matrix_to_axis_angle(const Tensor& matrix) {
  check_last_sizes("matrix_to_axis_angle", "matrix", matrix, {3, 3});
  return from_components(axis_angle_of_quaternion(quaternion_of_matrix(components_of(matrix, 2))), matrix, 2, {3});
}

Tensor matrix_to_rotation_6d(const Tensor& matrix) {
  check_last_sizes("matrix_to_rotation_6d", "matrix", matrix, {3, 3});
  return matrix.narrow(-2, 0, 2).flatten(-2).clone();
}

Tensor is_rotation_matrix(const Tensor& matrix, double tol) {
  check_last_sizes("is_rotation_matrix", "matrix", matrix, {3, 3});
  const Tensor rows = matrix.detach();
  const Tensor error = at::matmul(rows, rows.mT()) - at::eye(3, rows.options());
  const Tensor det = (at::linalg_cross(rows.select(-2, 0), rows.select(-2, 1)) * rows.select(-2, 2)).sum(-1);
  return (error.abs().flatten(-2).amax(-1) <= tol) & ((det - 1).abs() <= tol);
}

}  // namespace bisque
