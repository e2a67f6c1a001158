#include <ATen/ATen.h>

#include <bisque/ops3d/transforms/arguments.h>
#include <bisque/ops3d/transforms/quaternions.h>
#include <bisque/ops3d/transforms/rotation_conversions.h>
#include <bisque/ops3d/transforms/smooth.h>

namespace bisque {
namespace {

using at::Tensor;
using transforms::check_last_sizes;

/// [..., 9] as [..., 3, 3].
Tensor stacked_matrix(const std::vector<Tensor>& elements) { return at::stack(elements, -1).unflatten(-1, {3, 3}); }

Tensor matrix_of_unit_quaternion(const Tensor& quaternions) {
  const Tensor w = quaternions.narrow(-1, 0, 1), v = quaternions.narrow(-1, 1, 3);
  const Tensor doubled = v + v;
  const std::vector<Tensor> squares = (doubled * v).unbind(-1);                // 2xx, 2yy, 2zz
  const std::vector<Tensor> products = (doubled * v.roll(-1, -1)).unbind(-1);  // 2xy, 2yz, 2zx
  const std::vector<Tensor> turns = (doubled * w).unbind(-1);                  // 2xw, 2yw, 2zw
  const Tensor &xx = squares[0], &yy = squares[1], &zz = squares[2];
  const Tensor &xy = products[0], &yz = products[1], &zx = products[2];
  const Tensor &xw = turns[0], &yw = turns[1], &zw = turns[2];
  return stacked_matrix({1 - (yy + zz), xy - zw, zx + yw,  //
                         xy + zw, 1 - (xx + zz), yz - xw,  //
                         zx - yw, yz + xw, 1 - (xx + yy)});
}

Tensor quaternion_of_axis_angle(const Tensor& axis_angle) {
  const Tensor squares = transforms::square_sum(axis_angle);
  return at::cat({transforms::cos_half(squares), transforms::sin_half_over_angle(squares) * axis_angle}, -1);
}

Tensor axis_angle_of_quaternion(const Tensor& quaternions) {
  const Tensor w = quaternions.narrow(-1, 0, 1), v = quaternions.narrow(-1, 1, 3);
  return transforms::axis_angle_factor(transforms::square_sum(v), w) * v;
}

// The matrix 4 q q^T is linear in the elements of R. Its diagonal sums to 4, so that its largest element is 1 or more:
// the row of that, divided by twice its root, is q.
Tensor quaternion_of_matrix(const Tensor& matrix) {
  const std::vector<Tensor> m = matrix.flatten(-2).unbind(-1);
  const Tensor wx = m[7] - m[5], wy = m[2] - m[6], wz = m[3] - m[1];
  const Tensor xy = m[1] + m[3], yz = m[5] + m[7], zx = m[6] + m[2];
  const Tensor sum = 1 + m[0], difference = 1 - m[0];
  const Tensor ww = sum + m[4] + m[8], xx = sum - m[4] - m[8];
  const Tensor yy = difference + m[4] - m[8], zz = difference - m[4] + m[8];
  const Tensor rows =
      at::stack({ww, wx, wy, wz, wx, xx, xy, zx, wy, xy, yy, yz, wz, zx, yz, zz}, -1).unflatten(-1, {4, 4});
  const Tensor diagonal = rows.diagonal(0, -2, -1);
  const Tensor largest = diagonal.detach().argmax(-1, /*keepdim=*/true);  // [..., 1]; the first of equal ones
  const Tensor row = rows.gather(-2, largest.unsqueeze(-1).expand_as(diagonal.unsqueeze(-2))).squeeze(-2);
  return row / (2 * diagonal.gather(-1, largest).sqrt());
}

}  // namespace

Tensor quaternion_to_matrix(const Tensor& quaternions) {
  check_last_sizes("quaternion_to_matrix", "quaternions", quaternions, {4});
  return matrix_of_unit_quaternion(transforms::unit_vectors(quaternions));
}

Tensor matrix_to_quaternion(const Tensor& matrix) {
  check_last_sizes("matrix_to_quaternion", "matrix", matrix, {3, 3});
  return standardize_quaternion(quaternion_of_matrix(matrix));
}

Tensor axis_angle_to_quaternion(const Tensor& axis_angle) {
  check_last_sizes("axis_angle_to_quaternion", "axis_angle", axis_angle, {3});
  return quaternion_of_axis_angle(axis_angle);
}

Tensor quaternion_to_axis_angle(const Tensor& quaternions) {
  check_last_sizes("quaternion_to_axis_angle", "quaternions", quaternions, {4});
  return axis_angle_of_quaternion(quaternions);
}

Tensor axis_angle_to_matrix(const Tensor& axis_angle) {
  check_last_sizes("axis_angle_to_matrix", "axis_angle", axis_angle, {3});
  return matrix_of_unit_quaternion(quaternion_of_axis_angle(axis_angle));
}

Tensor matrix_to_axis_angle(const Tensor& matrix) {
  check_last_sizes("matrix_to_axis_angle", "matrix", matrix, {3, 3});
  return axis_angle_of_quaternion(standardize_quaternion(quaternion_of_matrix(matrix)));
}

Tensor rotation_6d_to_matrix(const Tensor& d6) {
  check_last_sizes("rotation_6d_to_matrix", "d6", d6, {6});
  const Tensor second = transforms::unit_vectors(d6.narrow(-1, 3, 3));
  const Tensor x = transforms::unit_vectors(d6.narrow(-1, 0, 3));
  const Tensor y = transforms::unit_vectors(second - (x * second).sum(-1, /*keepdim=*/true) * x);
  return at::stack({x, y, at::linalg_cross(x, y)}, -2);
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
