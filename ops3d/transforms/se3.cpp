#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/transforms/arguments.h>
#include <bisque/ops3d/transforms/se3.h>
#include <bisque/ops3d/transforms/smooth.h>
#include <bisque/ops3d/transforms/so3.h>

namespace bisque {
namespace {

using at::Tensor;

/// v + first w x v + second w x (w x v).
Tensor turned(const Tensor& v, const Tensor& w, const Tensor& first, const Tensor& second) {
  const Tensor cross = at::linalg_cross(w, v);
  return v + first * cross + second * at::linalg_cross(w, cross);
}

/// [..., 4] of 0, 0, 0, 1, as a column.
Tensor last_column(const Tensor& like) { return at::eye(4, like.options()).narrow(1, 3, 1); }

}  // namespace

Tensor se3_exp_map(const Tensor& log_transform) {
  transforms::check_last_sizes("se3_exp_map", "log_transform", log_transform, {6});
  const Tensor log_rotation = log_transform.narrow(-1, 3, 3);
  const Tensor squares = transforms::square_sum(log_rotation);
  const Tensor translation =
      turned(log_transform.narrow(-1, 0, 3), log_rotation, transforms::one_minus_cos_over_square(squares),
             transforms::angle_minus_sin_over_cube(squares));
  const Tensor rows = at::cat({so3_exp_map(log_rotation).mT(), translation.unsqueeze(-2)}, -2);
  std::vector<int64_t> column_sizes = rows.sizes().vec();
  column_sizes.back() = 1;
  return at::cat({rows, last_column(rows).expand(column_sizes)}, -1);
}

Tensor se3_log_map(const Tensor& transform, double eps) {
  transforms::check_last_sizes("se3_log_map", "transform", transform, {4, 4});
  const Tensor column = transform.detach().narrow(-1, 3, 1);
  if (((column - last_column(column)).abs() > 1e-5).any().item<bool>()) {
    fail("se3_log_map: expected the last column of transform to be [0, 0, 0, 1].");
  }
  const Tensor log_rotation = so3_log_map(transform.narrow(-2, 0, 3).narrow(-1, 0, 3).mT(), eps);
  const Tensor translation = transform.select(-2, 3).narrow(-1, 0, 3);
  const Tensor minus_half = at::full({}, -0.5, transform.options());
  const Tensor log_translation = turned(translation, log_rotation, minus_half,
                                        transforms::one_minus_cot_over_square(transforms::square_sum(log_rotation)));
  return at::cat({log_translation, log_rotation}, -1);
}

}  // namespace bisque
