#include <ATen/ATen.h>

#include <bisque/renderer/cameras/linear_cameras.h>
#include <bisque/renderer/cameras/point_rows.h>

namespace bisque {
namespace {

using at::Tensor;

/// The projection of points by matrices [N, 4, 4] for column vectors.
Tensor project(const char* function, const Tensor& matrices, const Tensor& points, std::optional<double> eps) {
  const Tensor rows = affine_rows(matrices, batch_of_points(function, "points", points, matrices));
  Tensor w = rows.select(1, 3);
  if (eps) w = away_from_zero(w, at::full({}, *eps, w.options()));
  return points_of_shape(at::stack({rows.select(1, 0) / w, rows.select(1, 1) / w, rows.select(1, 2) / w}, 2), points);
}

}  // namespace

Tensor LinearCameras::matrix_of(std::initializer_list<BatchValue> elements) const {
  std::vector<Tensor> columns;
  for (const BatchValue& element : elements) {
    const Tensor& tensor = element.tensor();
    columns.push_back(tensor.defined() ? tensor : at::full({size()}, element.numbers()[0], R.options()));
  }
  return at::stack(columns, 1).view({-1, 4, 4});
}

Tensor LinearCameras::ndc_calibration_matrix(const BatchValue& image_size) const {
  const Tensor K = calibration_matrix();
  if (in_ndc()) return K;
  // K's principal point is replaced by that in NDC, whose axes are turned. The first difference is exact.
  const Tensor half = image_size_or_own(image_size).flip(1) / 2, p = principal_point_of(K), w = K.narrow(1, 3, 1);
  const Tensor centered = K.narrow(1, 0, 2) - p.unsqueeze(2) * w;
  const Tensor xy = (centered + (half - p).unsqueeze(2) * w) / half.amin(1).view({-1, 1, 1});
  return at::cat({xy, K.narrow(1, 2, 2)}, 1);
}

Transform3d LinearCameras::get_ndc_camera_transform() const {
  if (in_ndc()) return Transform3d(R.options().requires_grad(false));
  const Tensor half = image_size_or_own({}).flip(1) / 2, scale = half.amin(1).reciprocal().unsqueeze(1);
  const Tensor shift = half - 2 * principal_point_of(calibration_matrix());
  const Tensor zero = at::zeros_like(scale), one = at::ones_like(scale);
  return Translate(at::cat({shift, zero}, 1)).compose(Scale(at::cat({scale, scale, one}, 1)));
}

Tensor LinearCameras::transform_points(const Tensor& points, std::optional<double> eps) const {
  return project("transform_points", at::matmul(calibration_matrix(), world_to_view_matrix()), points, eps);
}

Tensor LinearCameras::points_to_ndc(const Tensor& points, std::optional<double> eps,
                                    const BatchValue& image_size) const {
  const Tensor matrix = at::matmul(ndc_calibration_matrix(image_size), world_to_view_matrix());
  return project("transform_points_ndc", matrix, points, eps);
}

Tensor LinearCameras::forward(const Tensor& points, double unit) const {
  const Tensor batch = batch_of_points("Cameras", "points", points, R);
  const Tensor to_view = world_to_view_matrix(unit);
  Tensor to_clip = ndc_calibration_matrix({});
  if (unit != 1) to_clip = at::cat({to_clip.narrow(2, 0, 3), to_clip.narrow(2, 3, 1) / unit}, 2);
  to_clip = at::matmul(to_clip, to_view);
  const Tensor depth = to_view.narrow(1, 2, 1);
  // x, y, the depth, and what x and y are divided by.
  const Tensor rows = affine_rows(
      at::cat(divides_by_depth() ? std::vector<Tensor>{to_clip.narrow(1, 0, 2), depth}
                                 : std::vector<Tensor>{to_clip.narrow(1, 0, 2), depth, to_clip.narrow(1, 3, 1)},
              1),
      batch);
  Tensor w = rows.select(1, rows.size(1) - 1);
  if (is_perspective()) {
    const Tensor znear = get_znear();
    const Tensor smallest = znear.defined() ? (znear.detach().abs() / unit).clamp_max(1).unsqueeze(1) * 1e-6
                                            : at::full({}, 1e-6, w.options());
    w = away_from_zero(w, smallest);
  }
  return at::stack({rows.select(1, 0) / w, rows.select(1, 1) / w, rows.select(1, 2)}, 2);
}

Tensor LinearCameras::unproject_points(const Tensor& xy_depth, const UnprojectOptions& options) const {
  const Tensor K = options.from_ndc ? ndc_calibration_matrix({}) : calibration_matrix();
  const Tensor batch = points_per_camera(batch_of_points("unproject_points", "xy_depth", xy_depth, K), size());
  const auto k = [&](int64_t row, int64_t column) { return K.select(1, row).select(1, column).unsqueeze(1); };
  const Tensor x = batch.select(2, 0), y = batch.select(2, 1), depth = batch.select(2, 2);
  // The depths that K gives depend on z alone: (k22 z + k23) / (k32 z + k33).
  const Tensor z = options.scaled_depth_input ? (k(2, 3) - depth * k(3, 3)) / (depth * k(3, 2) - k(2, 2)) : depth;
  const Tensor w = k(3, 2) * z + k(3, 3);
  const Tensor right_x = x * w - (k(0, 2) * z + k(0, 3)), right_y = y * w - (k(1, 2) * z + k(1, 3));
  const Tensor determinant = k(0, 0) * k(1, 1) - k(0, 1) * k(1, 0);
  const Tensor view_x = (k(1, 1) * right_x - k(0, 1) * right_y) / determinant;
  const Tensor view_y = (k(0, 0) * right_y - k(1, 0) * right_x) / determinant;
  const Tensor view = at::stack({view_x, view_y, z.expand_as(view_x)}, 2);
  return points_of_shape(options.world_coordinates ? view_to_world(view) : view, xy_depth);
}

}  // namespace bisque
