#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/structures/batch.h>
#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/cameras/cameras.h>
#include <bisque/renderer/cameras/point_rows.h>

namespace bisque {
namespace {

using at::Tensor;

/// The tensor or, if it is undefined, `otherwise`.
BatchValue value_or(const Tensor& tensor, const Tensor& otherwise) { return tensor.defined() ? tensor : otherwise; }

/// The buffer of that name; undefined if there is none.
Tensor buffer_of(const Cameras& cameras, const std::string& name) {
  for (const auto& [known, tensor] : cameras.named_buffers({.remove_duplicate = false})) {
    if (known == name) return tensor;
  }
  return {};
}

/// Half the width and height [N, 2], and the pixels per unit of NDC [N], of (height, width) [N, 2].
struct HalfSize {
  explicit HalfSize(const Tensor& image_size) : sides(image_size.flip(1) / 2), scale(sides.amin(1)) {}
  Tensor sides, scale;
};

Transform3d ndc_to_screen(const HalfSize& half, bool with_xyflip) {
  const Tensor one = at::ones_like(half.scale);
  const Transform3d scaled = Scale(at::stack({half.scale, half.scale, one}, 1))
                                 .compose(Translate(at::cat({-half.sides, at::zeros_like(one).unsqueeze(1)}, 1)));
  if (!with_xyflip) return scaled;
  return scaled.compose(Scale(-1.0, -1.0, 1.0, half.scale.options().requires_grad(false)));
}

Transform3d ndc_to_screen_of(const char* function, const BatchValue& image_size, bool with_xyflip,
                             const at::TensorOptions& options) {
  const ParameterBatch batch(function, {{"image_size", image_size, 1}});
  if (!image_size.has_value()) fail(function, ": expected image_size, but got none.");
  const Tensor size = batch.get("image_size", image_size, {2});
  return ndc_to_screen(HalfSize(options.has_dtype() || options.has_device() ? size.to(options) : size), with_xyflip);
}

}  // namespace

Cameras::Cameras(const ViewTransform& view, const ParameterBatch& batch)
    : R(*this, "R", batch.get("R", value_or(view.R, at::eye(3, batch.options())), {3, 3})),
      T(*this, "T", batch.get("T", value_or(view.T, at::zeros({3}, batch.options())), {3})) {}

Transform3d Cameras::get_world_to_view_transform() const { return bisque::get_world_to_view_transform({R, T}); }

Tensor Cameras::get_camera_center() const { return -at::matmul(T.unsqueeze(1), R.mT()).squeeze(1); }

Tensor Cameras::world_to_view_matrix(double unit) const {
  const Tensor offset = (unit == 1 ? static_cast<const Tensor&>(T) : T / unit).unsqueeze(2);
  const Tensor last = at::tensor({0.0, 0.0, 0.0, 1.0}, R.options().requires_grad(false)).expand({size(), 1, 4});
  return at::cat({at::cat({R.mT(), offset}, 2), last}, 1);
}

Tensor Cameras::view_to_world(const Tensor& points) const { return at::matmul(points - T.unsqueeze(1), R.mT()); }

Tensor Cameras::transform_points_to_view(const Tensor& points, double unit) const {
  const Tensor batch = batch_of_points("transform_points_to_view", "points", points, R);
  const auto rows = affine_rows(world_to_view_matrix(unit).narrow(1, 0, 3), batch);
  return points_of_shape(rows.mT(), points);
}

Tensor Cameras::image_size_or_own(const BatchValue& image_size) const {
  if (!image_size.has_value()) {
    const Tensor own = get_image_size();
    if (!own.defined()) fail(type_name(), ": expected image_size, since the cameras have none.");
    return own;
  }
  const ParameterBatch batch(type_name(), {{"R", R, 2}, {"image_size", image_size, 1}});
  const bool is_tensor = image_size.tensor().defined() && image_size.tensor().is_floating_point();
  return batch.get("image_size", is_tensor ? image_size.tensor().to(R.dtype()) : image_size, {2});
}

Tensor Cameras::transform_points_screen(const Tensor& points, const ScreenOptions& options) const {
  const HalfSize half(image_size_or_own(options.image_size));
  return ndc_to_screen(half, options.with_xyflip)
      .transform_points(points_to_ndc(points, options.eps, options.image_size));
}

std::shared_ptr<Cameras> Cameras::select(const std::vector<int64_t>& indices) const {
  const Tensor rows = at::tensor(element_indices(type_name().c_str(), indices, size()), at::kLong).to(device());
  return with([&](const std::string& name) {
    const Tensor values = buffer_of(*this, name);
    return values.defined() ? values.index_select(0, rows) : values;
  });
}

std::shared_ptr<Cameras> Cameras::select(const Tensor& indices) const {
  return select(element_indices(type_name().c_str(), indices, size()));
}

std::shared_ptr<Cameras> join_cameras_as_batch(const std::vector<std::shared_ptr<const Cameras>>& cameras) {
  if (cameras.empty()) fail("join_cameras_as_batch: expected cameras, but got none.");
  const Cameras& first = *cameras[0];
  for (const auto& each : cameras) {
    if (each->repr() != first.repr()) {
      fail("join_cameras_as_batch: expected cameras of one class and settings, but got ", first.repr(), " and ",
           each->repr(), ".");
    }
  }
  return first.with([&](const std::string& name) {
    std::vector<Tensor> rows;
    for (const auto& each : cameras) {
      if (Tensor values = buffer_of(*each, name); values.defined()) rows.push_back(std::move(values));
    }
    if (rows.empty()) return Tensor();
    if (rows.size() != cameras.size()) {
      fail("join_cameras_as_batch: expected all cameras to have ", name, " or none, but ", rows.size(), " of ",
           cameras.size(), " have it.");
    }
    return at::cat(rows);
  });
}

Transform3d get_ndc_to_screen_transform(const BatchValue& image_size, bool with_xyflip,
                                        const at::TensorOptions& options) {
  return ndc_to_screen_of("get_ndc_to_screen_transform", image_size, with_xyflip, options);
}

Transform3d get_screen_to_ndc_transform(const BatchValue& image_size, bool with_xyflip,
                                        const at::TensorOptions& options) {
  return ndc_to_screen_of("get_screen_to_ndc_transform", image_size, with_xyflip, options).inverse();
}

}  // namespace bisque
