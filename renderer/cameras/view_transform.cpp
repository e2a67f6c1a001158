#include <ATen/ATen.h>

#include <limits>

#include <bisque/core/error.h>
#include <bisque/renderer/cameras/view_transform.h>

namespace bisque {
namespace {

using at::Tensor;

Tensor batched(const char* name, const Tensor& tensor, at::IntArrayRef item) {
  const Tensor batch = tensor.dim() == static_cast<int64_t>(item.size()) ? tensor.unsqueeze(0) : tensor;
  if (batch.dim() != static_cast<int64_t>(item.size()) + 1 || batch.sizes().slice(1) != item) {
    fail("rotate_on_spot: expected ", name, " to have shape ", item, " or a batch of that, but got ", tensor.sizes(),
         ".");
  }
  return batch;
}

}  // namespace

Transform3d get_world_to_view_transform(const ViewTransform& view) {
  const bool fits = view.R.dim() == 3 && view.R.size(1) == 3 && view.R.size(2) == 3 && view.T.dim() == 2 &&
                    view.T.size(1) == 3 && view.T.size(0) == view.R.size(0);
  if (!fits) {
    fail("get_world_to_view_transform: expected R [N, 3, 3] and T [N, 3], but got ", view.R.sizes(), " and ",
         view.T.sizes(), ".");
  }
  return Rotate(view.R, std::numeric_limits<double>::infinity()).compose(Translate(view.T));
}

EyeAtUp camera_to_eye_at_up(const Transform3d& world_to_view) {
  // The origin, the z axis and the y axis of view space, in world space.
  const Tensor rows = world_to_view.inverse().get_matrix().narrow(2, 0, 3);  // [N, 4, 3]
  const Tensor eye = rows.select(1, 3);
  return {eye, eye + rows.select(1, 2), rows.select(1, 1)};
}

ViewTransform rotate_on_spot(const ViewTransform& view, const Tensor& rotation) {
  const Tensor R = batched("R", view.R, {3, 3}), T = batched("T", view.T, {3});
  const Tensor turn = batched("rotation", rotation, {3, 3}).mT();
  // view' = view turn, so the center of the camera, where view is zero, remains.
  return {at::matmul(R, turn), at::matmul(T.unsqueeze(1), turn).squeeze(1)};
}

}  // namespace bisque
