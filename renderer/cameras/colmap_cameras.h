// Conversions of cameras to and from COLMAP's convention.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <string>

#include <bisque/renderer/cameras/cameras.h>

namespace bisque {

/// N cameras of one model of COLMAP: column vectors, view = R(qvec) world + tvec, +X right, +Y down, +Z into the
/// picture; the center of the first pixel is at (0.5, 0.5), as on the screen of Cameras.
struct ColmapCameras {
  std::string model;      // see cameras_from_colmap
  at::Tensor qvec;        // [N, 4] unit quaternions, real part first
  at::Tensor tvec;        // [N, 3]
  at::Tensor params;      // [N, number of parameters of the model]
  at::Tensor image_size;  // (height, width) [N, 2]
};

/// PerspectiveCameras with parameters in pixels for these models, the last four of which must have distortions of 0:
///
///   SIMPLE_PINHOLE f cx cy   PINHOLE fx fy cx cy
///   SIMPLE_RADIAL f cx cy k   RADIAL f cx cy k1 k2   OPENCV fx fy cx cy k1 k2 p1 p2   FULL_OPENCV ... k3 k4 k5 k6
///
/// and FishEyeCameras for these:
///
///   OPENCV_FISHEYE fx fy cx cy k1 k2 k3 k4   SIMPLE_RADIAL_FISHEYE f cx cy k   RADIAL_FISHEYE f cx cy k1 k2
///
/// Differentiable. Errors: another model, a distortion that is not 0 where that is required, shapes that do not match.
std::shared_ptr<Cameras> cameras_from_colmap(const ColmapCameras& cameras);

/// The inverse: the model PINHOLE (or SIMPLE_PINHOLE) of perspective cameras, OPENCV_FISHEYE of FishEyeCameras; an
/// empty `model` takes the first of these that fits. Quaternions have a real part that is not negative. Errors: a model
/// that does not fit the cameras, a skew, a SIMPLE_PINHOLE with two focal lengths, no image size.
ColmapCameras colmap_from_cameras(const Cameras& cameras, const BatchValue& image_size = {},
                                  const std::string& model = "");

}  // namespace bisque
