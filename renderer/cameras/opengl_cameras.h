// Conversions of cameras to and from OpenGL's convention.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>

#include <bisque/renderer/cameras/linear_cameras.h>

namespace bisque {

/// N cameras of OpenGL, matrices for column vectors: clip = projection view world. In view space +X is right, +Y up and
/// -Z into the picture. x, y and z divided by w span [-1, 1] for the picture's width and height (y up) and from the
/// near to the far plane. Window coordinates have the center of the first pixel at (0.5, 0.5), as the screen of Cameras
/// has.
struct OpenGlCameras {
  at::Tensor view;        // [N, 4, 4]
  at::Tensor projection;  // [N, 4, 4]
};

/// FoVPerspectiveCameras or FoVOrthographicCameras with the same pictures of image_size (height, width) [N, 2] and the
/// same near and far planes; off-axis projections too. Differentiable. Errors: shapes that do not match; projections of
/// which the last row is not (0, 0, -1, 0), or (0, 0, 0, 1) for all.
std::shared_ptr<LinearCameras> cameras_from_opengl(const OpenGlCameras& cameras, const BatchValue& image_size);

struct OpenGlOptions {
  BatchValue image_size = {};  // (height, width) [N, 2]; without it, that of the cameras
  BatchValue znear = {};       // [N]: the planes of cameras that have none of their own
  BatchValue zfar = {};
};

/// The inverse. Errors: no image size; no znear and zfar, neither of the cameras nor in the options.
OpenGlCameras opengl_from_cameras(const LinearCameras& cameras, const OpenGlOptions& options = {});

}  // namespace bisque
