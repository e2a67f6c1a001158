// Translate, Scale, Rotate and RotateAxisAngle.
#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <bisque/core/error.h>
#include <bisque/ops3d/transforms/arguments.h>
#include <bisque/ops3d/transforms/axis_rotation.h>
#include <bisque/ops3d/transforms/rotation_conversions.h>
#include <bisque/ops3d/transforms/transform3d.h>

namespace bisque {
namespace {

using at::Tensor;

/// As a tensor [1] or [N] of that dtype and device.
Tensor numbers_of(const char* function, const PerTransform& value, const at::TensorOptions& options) {
  if (!value.is_tensor()) return at::full({1}, value.number(), options);
  transforms::check_last_sizes(function, "a tensor", value.tensor(), {});
  if (value.tensor().dim() > 1) {
    fail(function, ": expected a tensor of numbers to be [N] or [], but got ", value.tensor().sizes(), ".");
  }
  return value.tensor().reshape({-1});
}

/// Numbers have the dtype and device of the first tensor among them.
at::TensorOptions options_of(std::initializer_list<const PerTransform*> values, const at::TensorOptions& options) {
  for (const PerTransform* value : values) {
    if (value->is_tensor()) return value->tensor().options();
  }
  return options;
}

/// [N, 3] of x, y and z.
Tensor rows_of(const char* function, const PerTransform& x, const PerTransform& y, const PerTransform& z,
               const at::TensorOptions& options) {
  const at::TensorOptions like = options_of({&x, &y, &z}, options);
  std::vector<Tensor> columns;
  for (const PerTransform* value : {&x, &y, &z}) {
    columns.push_back(numbers_of(function, *value, like));
    for (const Tensor& other : columns) transforms::check_batches(function, other, columns.back(), 0);
  }
  return at::stack(at::broadcast_tensors(columns), 1);
}

Tensor scales_of(const PerTransform& s, const at::TensorOptions& options) {
  if (s.is_tensor() && s.tensor().dim() == 2) {
    transforms::check_last_sizes("Scale", "s", s.tensor(), {3});
    return s.tensor();
  }
  return numbers_of("Scale", s, options).unsqueeze(1).expand({-1, 3});
}

/// [N, 4, 4] with these first three rows and columns [N, 3, 3], and this last row [N, 1, 3].
Tensor affine(const Tensor& linear, const Tensor& translation) {
  const Tensor rows = at::cat({linear, translation}, 1);
  const Tensor column = at::eye(4, rows.options()).narrow(1, 3, 1);
  return at::cat({rows, column.expand({rows.size(0), 4, 1})}, 2);
}

Tensor translation_matrix(const Tensor& xyz) {
  transforms::check_last_sizes("Translate", "xyz", xyz, {3});
  if (xyz.dim() != 2) fail("Translate: expected xyz to be [N, 3], but got ", xyz.sizes(), ".");
  return affine(at::eye(3, xyz.options()).expand({xyz.size(0), 3, 3}), xyz.unsqueeze(1));
}

Tensor linear_matrix(const Tensor& linear) {
  return affine(linear, at::zeros({linear.size(0), 1, 3}, linear.options()));
}

Tensor batch_of_rotations(const Tensor& R) {
  transforms::check_last_sizes("Rotate", "R", R, {3, 3});
  if (R.dim() > 3) fail("Rotate: expected R to be [3, 3] or [N, 3, 3], but got ", R.sizes(), ".");
  return R.dim() == 2 ? R.unsqueeze(0) : R;
}

const Tensor& checked_rotation(const Tensor& R, double tol) {
  if (std::isinf(tol)) return R;
  const Tensor is_wrong = is_rotation_matrix(batch_of_rotations(R), tol).logical_not();
  if (is_wrong.any().item<bool>()) {
    fail("Rotate: expected R to be a rotation within ", tol, ", but matrix ", is_wrong.nonzero()[0].item<int64_t>(),
         " is not; pass a larger orthogonal_tol to accept it.");
  }
  return R;
}

Tensor rotation_about(const PerTransform& angle, char axis, bool degrees, const at::TensorOptions& options) {
  const char letter = axis >= 'x' ? static_cast<char>(axis - 'x' + 'X') : axis;
  if (letter < 'X' || letter > 'Z') fail("RotateAxisAngle: expected the axis to be X, Y or Z, but got '", axis, "'.");
  const Tensor numbers = numbers_of("RotateAxisAngle", angle, options);
  const Tensor radians = degrees ? numbers * (std::numbers::pi / 180) : numbers;
  return transforms::axis_rotation(letter - 'X', radians).mT();
}

}  // namespace

Translate::Translate(const PerTransform& x, const PerTransform& y, const PerTransform& z,
                     const at::TensorOptions& options)
    : Translate(rows_of("Translate", x, y, z, options)) {}

Translate::Translate(const Tensor& xyz) : Transform3d(translation_matrix(xyz), translation_matrix(-xyz)) {}

Scale::Scale(const PerTransform& x, const PerTransform& y, const PerTransform& z, const at::TensorOptions& options)
    : Scale(rows_of("Scale", x, y, z, options)) {}

Scale::Scale(const PerTransform& s, const at::TensorOptions& options)
    : Transform3d(linear_matrix(scales_of(s, options).diag_embed()),
                  linear_matrix(scales_of(s, options).reciprocal().diag_embed())) {}

Rotate::Rotate(const Tensor& R, double orthogonal_tol) : Rotate(checked_rotation(R, orthogonal_tol), Unchecked()) {}

Rotate::Rotate(const Tensor& R, Unchecked)
    : Transform3d(linear_matrix(batch_of_rotations(R)), linear_matrix(batch_of_rotations(R).mT())) {}

RotateAxisAngle::RotateAxisAngle(const PerTransform& angle, char axis, bool degrees, const at::TensorOptions& options)
    : Rotate(rotation_about(angle, axis, degrees, options), Unchecked()) {}

}  // namespace bisque
