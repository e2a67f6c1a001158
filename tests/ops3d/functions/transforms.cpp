#include <bisque/ops3d/transforms/euler_angles.h>
#include <bisque/ops3d/transforms/quaternions.h>
#include <bisque/ops3d/transforms/random_rotations.h>
#include <bisque/ops3d/transforms/rotation_conversions.h>
#include <bisque/ops3d/transforms/se3.h>
#include <bisque/ops3d/transforms/so3.h>

#include <torch/library.h>

namespace bisque {
namespace {

using at::Tensor;

Tensor euler_to_matrix(const Tensor& euler_angles, std::string convention) {
  return euler_angles_to_matrix(euler_angles, convention);
}

Tensor matrix_to_euler(const Tensor& matrix, std::string convention) {
  return matrix_to_euler_angles(matrix, convention);
}

Tensor rotation_angle_of(const Tensor& R, double eps, bool cos_angle, std::optional<double> cos_bound) {
  return so3_rotation_angle(R, {.eps = eps, .cos_angle = cos_angle, .cos_bound = cos_bound});
}

Tensor relative_angle_of(const Tensor& R1, const Tensor& R2, double eps, bool cos_angle,
                         std::optional<double> cos_bound) {
  return so3_relative_angle(R1, R2, {.eps = eps, .cos_angle = cos_angle, .cos_bound = cos_bound});
}

Tensor extrapolated_acos(const Tensor& x, double lower, double upper) {
  return acos_linear_extrapolation(x, {.lower = lower, .upper = upper});
}

Tensor random_quaternions_of(const Tensor& normals) { return random_quaternions(normals); }
Tensor random_rotations_of(const Tensor& normals) { return random_rotations(normals); }

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  library.def("quaternion_raw_multiply(Tensor a, Tensor b) -> Tensor", &quaternion_raw_multiply);
  library.def("quaternion_multiply(Tensor a, Tensor b) -> Tensor", &quaternion_multiply);
  library.def("quaternion_invert(Tensor quaternion) -> Tensor", &quaternion_invert);
  library.def("quaternion_apply(Tensor quaternion, Tensor point) -> Tensor", &quaternion_apply);
  library.def("standardize_quaternion(Tensor quaternions) -> Tensor", &standardize_quaternion);
  library.def("quaternion_to_matrix(Tensor quaternions) -> Tensor", &quaternion_to_matrix);
  library.def("matrix_to_quaternion(Tensor matrix) -> Tensor", &matrix_to_quaternion);
  library.def("axis_angle_to_quaternion(Tensor axis_angle) -> Tensor", &axis_angle_to_quaternion);
  library.def("quaternion_to_axis_angle(Tensor quaternions) -> Tensor", &quaternion_to_axis_angle);
  library.def("axis_angle_to_matrix(Tensor axis_angle) -> Tensor", &axis_angle_to_matrix);
  library.def("matrix_to_axis_angle(Tensor matrix) -> Tensor", &matrix_to_axis_angle);
  library.def("rotation_6d_to_matrix(Tensor d6) -> Tensor", &rotation_6d_to_matrix);
  library.def("matrix_to_rotation_6d(Tensor matrix) -> Tensor", &matrix_to_rotation_6d);
  library.def("is_rotation_matrix(Tensor matrix, float tol=1e-5) -> Tensor", &is_rotation_matrix);
  library.def("euler_angles_to_matrix(Tensor euler_angles, str convention) -> Tensor", &euler_to_matrix);
  library.def("matrix_to_euler_angles(Tensor matrix, str convention) -> Tensor", &matrix_to_euler);
  library.def("random_quaternions(Tensor normals) -> Tensor", &random_quaternions_of);
  library.def("random_rotations(Tensor normals) -> Tensor", &random_rotations_of);
  library.def("hat(Tensor v) -> Tensor", &hat);
  library.def("hat_inv(Tensor h) -> Tensor", &hat_inv);
  library.def("so3_exp_map(Tensor log_rot) -> Tensor", &so3_exp_map);
  library.def("so3_log_map(Tensor R, float eps=1e-4) -> Tensor", &so3_log_map);
  library.def("so3_rotation_angle(Tensor R, float eps=1e-4, bool cos_angle=False, float? cos_bound=None) -> Tensor",
              &rotation_angle_of);
  library.def(
      "so3_relative_angle(Tensor R1, Tensor R2, float eps=1e-4, bool cos_angle=False, float? cos_bound=None) -> Tensor",
      &relative_angle_of);
  library.def("acos_linear_extrapolation(Tensor x, float lower=-0.9999, float upper=0.9999) -> Tensor",
              &extrapolated_acos);
  library.def("se3_exp_map(Tensor log_transform) -> Tensor", &se3_exp_map);
  library.def("se3_log_map(Tensor transform, float eps=1e-4) -> Tensor", &se3_log_map);
}

}  // namespace bisque
