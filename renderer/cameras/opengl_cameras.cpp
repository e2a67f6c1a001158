#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/cameras/fov_orthographic_cameras.h>
#include <bisque/renderer/cameras/fov_perspective_cameras.h>
#include <bisque/renderer/cameras/opengl_cameras.h>

namespace bisque {
namespace {

using at::Tensor;

/// OpenGL's view space is turned about y: a diagonal matrix, its own inverse.
Tensor turn(const at::TensorOptions& options) { return at::tensor({-1.0, 1.0, -1.0, 1.0}, options).diag(); }

/// From OpenGL's clip space to ours, [N, 4, 4]: x to the left, the shorter side spans [-1, 1], depths span [0, 1].
Tensor clip_from_opengl(const Tensor& image_size) {
  const Tensor sides = image_size.flip(1) / image_size.amin(1, true), half = at::full_like(sides.select(1, 0), 0.5);
  const Tensor zero = at::zeros_like(half), one = at::ones_like(half);
  return at::stack({-sides.select(1, 0), zero, zero, zero,  //
                    zero, sides.select(1, 1), zero, zero,   //
                    zero, zero, half, half,                 //
                    zero, zero, zero, one},
                   1)
      .view({-1, 4, 4});
}

/// The inverse of clip_from_opengl.
Tensor opengl_from_clip(const Tensor& image_size) {
  const Tensor sides = image_size.amin(1, true) / image_size.flip(1), one = at::ones_like(sides.select(1, 0));
  const Tensor zero = at::zeros_like(one);
  return at::stack({-sides.select(1, 0), zero, zero, zero,  //
                    zero, sides.select(1, 1), zero, zero,   //
                    zero, zero, 2 * one, -one,              //
                    zero, zero, zero, one},
                   1)
      .view({-1, 4, 4});
}

bool last_row_is(const Tensor& matrices, at::ArrayRef<double> row) {
  return (matrices.select(1, 3) == at::tensor(row, matrices.options().requires_grad(false))).all().item<bool>();
}

}  // namespace

std::shared_ptr<LinearCameras> cameras_from_opengl(const OpenGlCameras& cameras, const BatchValue& image_size) {
  constexpr const char* kName = "cameras_from_opengl";
  const ParameterBatch batch(
      kName, {{"view", cameras.view, 2}, {"projection", cameras.projection, 2}, {"image_size", image_size, 1}});
  if (!cameras.view.defined() || !cameras.projection.defined() || !image_size.has_value()) {
    fail(kName, ": expected view, projection and image_size, but one is missing.");
  }
  const Tensor view = at::matmul(turn(batch.options()), batch.get("view", cameras.view, {4, 4}));
  const Tensor P = batch.get("projection", cameras.projection, {4, 4});
  const Tensor K = at::matmul(at::matmul(clip_from_opengl(batch.get_image_size(image_size)), P), turn(batch.options()));
  const ViewTransform transform = {view.narrow(1, 0, 3).narrow(2, 0, 3).mT(), view.narrow(1, 0, 3).select(2, 3)};
  // z / w is -1 at the near plane and 1 at the far plane.
  const Tensor e = P.select(1, 2).select(1, 2), f = P.select(1, 2).select(1, 3);
  if (last_row_is(P, {0.0, 0.0, -1.0, 0.0})) {
    return std::make_shared<FoVPerspectiveCameras>(
        transform, FoVPerspectiveOptions{.znear = f / (e - 1), .zfar = f / (e + 1), .K = K});
  }
  if (last_row_is(P, {0.0, 0.0, 0.0, 1.0})) {
    return std::make_shared<FoVOrthographicCameras>(
        transform, FoVOrthographicOptions{.znear = (f + 1) / e, .zfar = (f - 1) / e, .K = K});
  }
  fail(kName, ": expected projections with the last row (0, 0, -1, 0), or all with (0, 0, 0, 1), but got others.");
}

OpenGlCameras opengl_from_cameras(const LinearCameras& cameras, const OpenGlOptions& options) {
  constexpr const char* kName = "opengl_from_cameras";
  const Tensor own_size = cameras.get_image_size(), own_near = cameras.get_znear(), own_far = cameras.get_zfar();
  const BatchValue size = options.image_size.has_value() ? options.image_size : BatchValue(own_size);
  const ParameterBatch batch(
      kName, {{"R", cameras.R, 2}, {"image_size", size, 1}, {"znear", options.znear}, {"zfar", options.zfar}});
  if (!size.has_value()) fail(kName, ": expected image_size, since the cameras have none.");
  Tensor K = cameras.get_ndc_projection_transform().get_matrix().mT();
  if (options.znear.has_value() && options.zfar.has_value()) {
    const Tensor near = batch.get("znear", options.znear), far = batch.get("zfar", options.zfar);
    const Tensor zero = at::zeros_like(near), range = far - near;
    const Tensor depth = cameras.is_perspective() ? at::stack({zero, zero, far / range, -far * near / range}, 1)
                                                  : at::stack({zero, zero, 1 / range, -near / range}, 1);
    K = at::cat({K.narrow(1, 0, 2), depth.unsqueeze(1), K.narrow(1, 3, 1)}, 1);
  } else if (!own_near.defined() || !own_far.defined()) {
    fail(kName, ": expected znear and zfar, since ", cameras.type_name(), " have none.");
  }
  const Tensor world_to_view = cameras.get_world_to_view_transform().get_matrix().mT();
  return {at::matmul(turn(batch.options()), world_to_view),
          at::matmul(at::matmul(opengl_from_clip(batch.get_image_size(size)), K), turn(batch.options()))};
}

}  // namespace bisque
