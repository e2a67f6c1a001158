#include <ATen/ATen.h>

#include <limits>

#include <bisque/core/error.h>
#include <bisque/ops3d/transforms/arguments.h>
#include <bisque/ops3d/transforms/axis_rotation.h>
#include <bisque/ops3d/transforms/euler_angles.h>
#include <bisque/ops3d/transforms/smooth.h>

namespace bisque {
namespace {

using at::Tensor;
using transforms::check_last_sizes;

/// The axes of a convention: 0 is X.
struct Axes {
  int64_t first, second, third;
};

Axes axes_of(const char* function, std::string_view convention) {
  const auto is_axis = [](char letter) { return letter >= 'X' && letter <= 'Z'; };
  const bool is_valid = convention.size() == 3 && is_axis(convention[0]) && is_axis(convention[1]) &&
                        is_axis(convention[2]) && convention[0] != convention[1] && convention[1] != convention[2];
  if (!is_valid) {
    fail(function, ": expected the convention to be three letters of X, Y and Z of which neighbours differ, but got \"",
         convention, "\".");
  }
  return {convention[0] - 'X', convention[1] - 'X', convention[2] - 'X'};
}

int64_t remaining_axis(int64_t a, int64_t b) { return 3 - a - b; }

/// 1 if b follows a in the cycle X, Y, Z, else -1.
double parity(int64_t a, int64_t b) { return (a + 1) % 3 == b ? 1 : -1; }

}  // namespace

Tensor euler_angles_to_matrix(const Tensor& euler_angles, std::string_view convention) {
  check_last_sizes("euler_angles_to_matrix", "euler_angles", euler_angles, {3});
  const Axes axes = axes_of("euler_angles_to_matrix", convention);
  const std::vector<Tensor> angles = euler_angles.unbind(-1);
  const Tensor first = transforms::axis_rotation(axes.first, angles[0]);
  const Tensor second = transforms::axis_rotation(axes.second, angles[1]);
  return first.matmul(second).matmul(transforms::axis_rotation(axes.third, angles[2]));
}

// R = R_i(a) R_j(b) R_k(c). Row i of R gives c and b. With c known, column j of R R_k(-c) = R_i(a) R_j(b) gives a, also
// where b hides which part of the rotation is a and which is c.
Tensor matrix_to_euler_angles(const Tensor& matrix, std::string_view convention) {
  check_last_sizes("matrix_to_euler_angles", "matrix", matrix, {3, 3});
  const auto [i, j, k] = axes_of("matrix_to_euler_angles", convention);
  const auto element = [&matrix](int64_t row, int64_t column) { return matrix.select(-2, row).select(-1, column); };
  const double sign = parity(i, j), third_sign = parity(k, j);
  const bool is_proper = i == k;
  const int64_t other_first = remaining_axis(i, j), other_third = remaining_axis(k, j);

  // Row i holds the sine and cosine of c, times |cos b|, or times |sin b| for proper angles.
  const Tensor sine = is_proper ? element(i, j) : third_sign * element(i, j);
  const Tensor cosine = is_proper ? sign * element(i, other_third) : element(i, i);
  const Tensor squares = sine.square() + cosine.square();
  const double tiny = 16 * (matrix.scalar_type() == at::kDouble ? std::numeric_limits<double>::epsilon()
                                                                : std::numeric_limits<float>::epsilon());
  const Tensor length = transforms::safe_sqrt(squares, tiny * tiny);
  const Tensor is_locked = squares <= tiny * tiny;
  const Tensor third = at::atan2(at::where(is_locked, 0.0, sine), at::where(is_locked, 1.0, cosine));
  const Tensor second = is_proper ? at::atan2(length, element(i, i)) : at::atan2(sign * element(i, k), length);

  const Tensor cos_third = third.cos(), sin_third = third_sign * third.sin();
  const auto turned_back = [&](int64_t row) {
    return cos_third * element(row, j) - sin_third * element(row, other_third);
  };
  const Tensor first = at::atan2(sign * turned_back(other_first), turned_back(j));
  return at::stack({first, second, third}, -1);
}

}  // namespace bisque
