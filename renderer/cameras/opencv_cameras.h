// Conversions of cameras to and from OpenCV's convention.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>

#include <bisque/renderer/cameras/fisheye_cameras.h>
#include <bisque/renderer/cameras/perspective_cameras.h>

namespace bisque {

/// N cameras of OpenCV: column vectors, view = R world + tvec, +X right, +Y down, +Z into the picture; a view point is
/// at the pixel K (x / z, y / z, 1). The center of the first pixel is at (0, 0).
struct OpenCvCameras {
  at::Tensor R;                // [N, 3, 3]
  at::Tensor tvec;             // [N, 3]
  at::Tensor camera_matrix;    // K [N, 3, 3]
  at::Tensor distortion = {};  // of the fisheye model: k1 to k4 [N, 4]; undefined for the pinhole model
};

struct OpenCvOptions {
  /// Where the camera matrix places the center of the first pixel: 0 is OpenCV's convention. 0.5 is that of a camera
  /// matrix for corners of pixels, as PyTorch3D's conversions assume it.
  double pixel_center = 0;
};

/// Cameras of pictures of image_size (height, width) [N, 2]; their parameters are in pixels (in_ndc is false), so that
/// nothing is rounded but the shift by half a pixel. Differentiable. Errors: shapes that do not match; distortion (see
/// cameras_from_opencv_fisheye).
std::shared_ptr<PerspectiveCameras> cameras_from_opencv_projection(const OpenCvCameras& cameras,
                                                                   const BatchValue& image_size,
                                                                   const OpenCvOptions& options = {});
/// The inverse, of any perspective camera. `image_size` is that of the cameras if it is not given. Error: a camera that
/// is not perspective, no image size.
OpenCvCameras opencv_from_cameras_projection(const LinearCameras& cameras, const BatchValue& image_size = {},
                                             const OpenCvOptions& options = {});

/// Cameras of OpenCV's fisheye model, with distortion [N, 4]. Errors: shapes that do not match, no distortion, a camera
/// matrix with a skew.
std::shared_ptr<FishEyeCameras> cameras_from_opencv_fisheye(const OpenCvCameras& cameras, const BatchValue& image_size,
                                                            const OpenCvOptions& options = {});
/// The inverse. Error: tangential, thin-prism or more than four radial parameters that are not 0; no image size.
OpenCvCameras opencv_fisheye_from_cameras(const FishEyeCameras& cameras, const BatchValue& image_size = {},
                                          const OpenCvOptions& options = {});

}  // namespace bisque
