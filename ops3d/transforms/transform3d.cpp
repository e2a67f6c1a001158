#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/transforms/arguments.h>
#include <bisque/ops3d/transforms/se3.h>
#include <bisque/ops3d/transforms/transform3d.h>

namespace bisque {
namespace {

using at::Tensor;

Tensor checked_matrix(const Tensor& matrix) {
  transforms::check_last_sizes("Transform3d", "matrix", matrix, {4, 4});
  if (matrix.dim() > 3) fail("Transform3d: expected matrix to be [4, 4] or [N, 4, 4], but got ", matrix.sizes(), ".");
  return matrix.dim() == 2 ? matrix.unsqueeze(0) : matrix;
}

/// Points [1 or N, P, 3].
Tensor batch_of(const char* function, const char* argument, const Tensor& points, const Tensor& matrix) {
  transforms::check_last_sizes(function, argument, points, {3});
  if (points.dim() != 2 && points.dim() != 3) {
    fail(function, ": expected ", argument, " to be [P, 3] or [N, P, 3], but got ", points.sizes(), ".");
  }
  Tensor batch = points.dim() == 2 ? points.unsqueeze(0) : points;
  transforms::check_batches(function, matrix, batch, 2);
  return batch;
}

/// The shape that goes with `points`: [P, 3] stays so unless there are several transforms.
Tensor shaped_like(const Tensor& points, const Tensor& result) {
  return points.dim() == 2 && result.size(0) == 1 ? result.squeeze(0) : result;
}

Tensor invert(const char* function, const Tensor& matrices) {
  const auto [inverse, info] = at::linalg_inv_ex(matrices);
  const Tensor is_singular = info != 0;
  if (is_singular.any().item<bool>()) {
    fail(function, ": expected an invertible matrix, but that of transform ", is_singular.nonzero()[0].item<int64_t>(),
         " is singular.");
  }
  return inverse;
}

/// At least eps from zero, with the sign of w.
Tensor away_from_zero(const Tensor& w, double eps) {
  return at::where(w.abs() < eps, at::where(w < 0, at::full({}, -eps, w.options()), eps), w);
}

}  // namespace

Transform3d::Transform3d(const at::TensorOptions& options)
    : matrix_(at::eye(4, options).unsqueeze(0)), inverse_(matrix_) {}

Transform3d::Transform3d(const Tensor& matrix) : matrix_(checked_matrix(matrix)) {}

Tensor Transform3d::get_se3_log(double eps) const { return se3_log_map(matrix_, eps); }

Transform3d Transform3d::composed_with(const Transform3d& next) const {
  transforms::check_batches("Transform3d.compose", matrix_, next.matrix_, 2);
  const bool is_invertible = inverse_.defined() && next.inverse_.defined();
  return {at::matmul(matrix_, next.matrix_), is_invertible ? at::matmul(next.inverse_, inverse_) : Tensor()};
}

Transform3d Transform3d::inverse() const {
  return {inverse_.defined() ? inverse_ : invert("Transform3d.inverse", matrix_), matrix_};
}

Transform3d Transform3d::cat(const std::vector<Transform3d>& all) {
  if (all.empty()) fail("Transform3d.cat: expected one transform or more, but got none.");
  std::vector<Tensor> matrices, inverses;
  for (const Transform3d& transform : all) {
    transforms::check_batches("Transform3d.cat", all[0].matrix_[0], transform.matrix_[0], 2);
    matrices.push_back(transform.matrix_);
    if (transform.inverse_.defined()) inverses.push_back(transform.inverse_);
  }
  return {at::cat(matrices), inverses.size() == all.size() ? at::cat(inverses) : Tensor()};
}

Tensor Transform3d::transform_points(const Tensor& points, std::optional<double> eps) const {
  const Tensor batch = batch_of("Transform3d.transform_points", "points", points, matrix_);
  const Tensor moved = at::matmul(batch, matrix_.narrow(1, 0, 3)) + matrix_.narrow(1, 3, 1);  // [N, P, 4]
  const Tensor w = moved.narrow(-1, 3, 1);
  return shaped_like(points, moved.narrow(-1, 0, 3) / (eps ? away_from_zero(w, *eps) : w));
}

Tensor Transform3d::transform_normals(const Tensor& normals) const {
  constexpr const char* kName = "Transform3d.transform_normals";
  const Tensor batch = batch_of(kName, "normals", normals, matrix_);
  const auto linear_part = [](const Tensor& matrix) { return matrix.narrow(1, 0, 3).narrow(2, 0, 3); };
  const Tensor inverse = inverse_.defined() ? linear_part(inverse_) : invert(kName, linear_part(matrix_));
  return shaped_like(normals, at::matmul(batch, inverse.mT()));
}

Transform3d Transform3d::translate(const PerTransform& x, const PerTransform& y, const PerTransform& z) const {
  return compose(Translate(x, y, z, matrix_.options()));
}

Transform3d Transform3d::translate(const Tensor& xyz) const { return compose(Translate(xyz)); }

Transform3d Transform3d::scale(const PerTransform& x, const PerTransform& y, const PerTransform& z) const {
  return compose(Scale(x, y, z, matrix_.options()));
}

Transform3d Transform3d::scale(const PerTransform& s) const { return compose(Scale(s, matrix_.options())); }

Transform3d Transform3d::rotate(const Tensor& R, double orthogonal_tol) const {
  return compose(Rotate(R, orthogonal_tol));
}

Transform3d Transform3d::rotate_axis_angle(const PerTransform& angle, char axis, bool degrees) const {
  return compose(RotateAxisAngle(angle, axis, degrees, matrix_.options()));
}

template <class Function>
Transform3d Transform3d::map(const Function& function) const {
  return {function(matrix_), inverse_.defined() ? function(inverse_) : Tensor()};
}

Transform3d Transform3d::operator[](int64_t index) const {
  if (index < -size() || index >= size()) {
    fail("Transform3d: expected an index in [", -size(), ", ", size(), "), but got ", index, ".");
  }
  const int64_t place = index < 0 ? index + size() : index;
  return map([&](const Tensor& matrix) { return matrix.narrow(0, place, 1); });
}

Transform3d Transform3d::operator[](const Tensor& indices) const {
  const bool is_mask = indices.scalar_type() == at::kBool;
  if (indices.dim() != 1 || (!is_mask && indices.scalar_type() != at::kLong) ||
      (is_mask && indices.size(0) != size())) {
    fail("Transform3d: expected indices to be int64 [K] or bool [", size(), "], but got ", indices.dtype().name(), " ",
         indices.sizes(), ".");
  }
  if (!is_mask && indices.numel() > 0) {
    const auto low = indices.min().item<int64_t>(), high = indices.max().item<int64_t>();
    if (low < -size() || high >= size()) {
      fail("Transform3d: expected indices in [", -size(), ", ", size(), "), but they go from ", low, " to ", high, ".");
    }
  }
  return map([&](const Tensor& matrix) { return matrix.index({indices}); });
}

Transform3d Transform3d::slice(std::optional<int64_t> start, std::optional<int64_t> end, int64_t step) const {
  if (step < 1) fail("Transform3d.slice: expected a step of 1 or more, but got ", step, ".");
  return map([&](const Tensor& matrix) { return matrix.slice(0, start, end, step); });
}

Transform3d Transform3d::clone() const {
  return map([](const Tensor& matrix) { return matrix.clone(); });
}

Transform3d Transform3d::to(at::ScalarType dtype) const {
  return map([&](const Tensor& matrix) { return matrix.to(dtype); });
}

Transform3d Transform3d::to(at::Device device) const {
  return map([&](const Tensor& matrix) { return matrix.to(device); });
}

Transform3d Transform3d::to(at::Device device, at::ScalarType dtype) const {
  return map([&](const Tensor& matrix) { return matrix.to(device, dtype); });
}

}  // namespace bisque
