// OrthographicCameras: orthographic cameras with a focal length.
#pragma once
#include <bisque/renderer/cameras/focal_length_cameras.h>

namespace bisque {

using OrthographicOptions = FocalLengthOptions;

/// Orthographic cameras with a focal length f, by which x and y are scaled, and a principal point p:
///
///   K = [[fx, 0, 0, px], [0, fy, 0, py], [0, 0, 1, 0], [0, 0, 0, 1]]
///
/// See FocalLengthCameras.
class OrthographicCameras : public ModuleOf<OrthographicCameras, FocalLengthCameras> {
 public:
  explicit OrthographicCameras(const ViewTransform& view = {}, const OrthographicOptions& options = {})
      : ModuleOf("OrthographicCameras", view, options) {}

  bool is_perspective() const override { return false; }
  bool is_orthographic() const override { return true; }
  at::Tensor calibration_matrix() const override;

 protected:
  at::Tensor principal_point_of(const at::Tensor& K) const override;
  bool divides_by_depth() const override { return false; }
  std::shared_ptr<Cameras> with(const Values& values) const override;
};

}  // namespace bisque
