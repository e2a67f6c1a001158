// Transforms of points and normals in batches.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/TensorOptions.h>

#include <optional>
#include <utility>
#include <vector>

namespace bisque {

/// A number for all transforms of a batch, or a tensor [N] or [] with one for each.
class PerTransform {
 public:
  PerTransform(double number) : number_(number) {}
  PerTransform(at::Tensor numbers) : tensor_(std::move(numbers)) {}

  bool is_tensor() const { return tensor_.defined(); }
  double number() const { return number_; }
  const at::Tensor& tensor() const { return tensor_; }

 private:
  double number_ = 0;
  at::Tensor tensor_;
};

/// N transforms: matrices [N, 4, 4] that act on row vectors, [x, y, z, 1] M, as in PyTorch3D, so that the translation
/// is the last row.
///
///   const auto t = Transform3d().scale(2).rotate_axis_angle(90, 'X').translate(1, 2, 3);  // in this order
///   const at::Tensor moved = t.transform_points(points);
///
/// A value: its methods return new transforms. Copies share the matrix; nothing writes to it. float32 or float64. All
/// is differentiable by what the transforms were made of. A batch of 1 broadcasts against N. Errors: shapes, dtypes,
/// devices or batch sizes that do not match; an index out of range.
class Transform3d {
 public:
  /// The identity, a batch of 1.
  explicit Transform3d(const at::TensorOptions& options = {});
  /// Any matrices, [N, 4, 4] or [4, 4].
  explicit Transform3d(const at::Tensor& matrix);

  const at::Tensor& get_matrix() const { return matrix_; }  // [N, 4, 4]
  int64_t size() const { return matrix_.size(0); }          // N
  at::ScalarType dtype() const { return matrix_.scalar_type(); }
  at::Device device() const { return matrix_.device(); }
  /// [N, 6]: see se3_log_map.
  at::Tensor get_se3_log(double eps = 1e-4) const;

  /// This one first, then the others in their order.
  template <class... Others>
  Transform3d compose(const Transform3d& next, const Others&... others) const {
    if constexpr (sizeof...(others) == 0) {
      return composed_with(next);
    } else {
      return composed_with(next).compose(others...);
    }
  }
  /// Error: a singular matrix. Rotate, Translate, Scale and what is composed of them are inverted by their own
  /// formulas, where a scale of 0 gives infinity. Others use torch's inverse, which waits for CUDA.
  Transform3d inverse() const;
  /// The batches of all, one after the other.
  template <class... Others>
  Transform3d stack(const Others&... others) const {
    return cat({*this, others...});
  }
  static Transform3d cat(const std::vector<Transform3d>& transforms);

  /// Points [P, 3] or [N, P, 3]. The result is [P, 3] for a batch of 1 and points [P, 3], else [N, P, 3]. Points are
  /// divided by their fourth coordinate w; with `eps` its magnitude is at least eps, with its sign (0 counts as
  /// positive).
  at::Tensor transform_points(const at::Tensor& points, std::optional<double> eps = std::nullopt) const;
  /// Normals [P, 3] or [N, P, 3], by the transposed inverse of the upper left 3x3 matrices; lengths are not kept.
  /// Error: a singular matrix.
  at::Tensor transform_normals(const at::Tensor& normals) const;

  // compose() with Translate, Scale, Rotate and RotateAxisAngle.
  Transform3d translate(const PerTransform& x, const PerTransform& y, const PerTransform& z) const;
  Transform3d translate(const at::Tensor& xyz) const;
  Transform3d scale(const PerTransform& x, const PerTransform& y, const PerTransform& z) const;
  Transform3d scale(const PerTransform& s) const;
  Transform3d rotate(const at::Tensor& R, double orthogonal_tol = 1e-5) const;
  Transform3d rotate_axis_angle(const PerTransform& angle, char axis = 'X', bool degrees = true) const;

  /// The transform at that place, a batch of 1; negative indices count from the end.
  Transform3d operator[](int64_t index) const;
  /// Those at indices, int64 [K], or where a mask, bool [N], is true.
  Transform3d operator[](const at::Tensor& indices) const;
  /// Those at start, start + step, ... before end, as in Python.
  Transform3d slice(std::optional<int64_t> start, std::optional<int64_t> end = std::nullopt, int64_t step = 1) const;

  Transform3d clone() const;
  Transform3d to(at::ScalarType dtype) const;
  Transform3d to(at::Device device) const;
  Transform3d to(at::Device device, at::ScalarType dtype) const;
  Transform3d cpu() const { return to(at::Device(at::kCPU)); }
  Transform3d cuda() const { return to(at::Device(at::kCUDA)); }

 protected:
  /// With a known inverse.
  Transform3d(at::Tensor matrix, at::Tensor inverse) : matrix_(std::move(matrix)), inverse_(std::move(inverse)) {}

 private:
  Transform3d composed_with(const Transform3d& next) const;
  template <class Function>
  Transform3d map(const Function& function) const;

  at::Tensor matrix_;   // [N, 4, 4]
  at::Tensor inverse_;  // the same; not defined if it is not known
};

/// x + [x, y, z].
class Translate : public Transform3d {
 public:
  /// The numbers are of the tensors' dtype and device, or of `options` if there are none.
  Translate(const PerTransform& x, const PerTransform& y, const PerTransform& z, const at::TensorOptions& options = {});
  explicit Translate(const at::Tensor& xyz);  // [N, 3]
};

/// Each coordinate times a number.
class Scale : public Transform3d {
 public:
  Scale(const PerTransform& x, const PerTransform& y, const PerTransform& z, const at::TensorOptions& options = {});
  /// The same for x, y and z; or a tensor [N, 3].
  explicit Scale(const PerTransform& s, const at::TensorOptions& options = {});
};

/// Row vectors times R: [N, 3, 3] or [3, 3].
class Rotate : public Transform3d {
 public:
  /// Error: R is no rotation within `orthogonal_tol` (is_rotation_matrix). The check waits for CUDA; infinity omits it.
  /// The inverse is the transpose.
  explicit Rotate(const at::Tensor& R, double orthogonal_tol = 1e-5);

 protected:
  struct Unchecked {};
  Rotate(const at::Tensor& R, Unchecked);
};

/// A rotation about an axis, 'X', 'Y' or 'Z' (or lower case), counter-clockwise seen from its positive end.
class RotateAxisAngle : public Rotate {
 public:
  explicit RotateAxisAngle(const PerTransform& angle, char axis = 'X', bool degrees = true,
                           const at::TensorOptions& options = {});
};

}  // namespace bisque
