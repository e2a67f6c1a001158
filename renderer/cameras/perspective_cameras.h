// PerspectiveCameras: perspective cameras with a focal length.
#pragma once
#include <bisque/renderer/cameras/focal_length_cameras.h>

namespace bisque {

using PerspectiveOptions = FocalLengthOptions;

/// Perspective cameras with a focal length f and a principal point p:
///
///   K = [[fx, 0, px, 0], [0, fy, py, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
///
/// so that the depth of transform_points is 1 / Z. See FocalLengthCameras.
class PerspectiveCameras : public ModuleOf<PerspectiveCameras, FocalLengthCameras> {
 public:
  explicit PerspectiveCameras(const ViewTransform& view = {}, const PerspectiveOptions& options = {})
      : ModuleOf("PerspectiveCameras", view, options) {}

  bool is_perspective() const override { return true; }
  at::Tensor calibration_matrix() const override;

 protected:
  at::Tensor principal_point_of(const at::Tensor& K) const override;
  bool divides_by_depth() const override { return !K.defined(); }
  std::shared_ptr<Cameras> with(const Values& values) const override;
};

}  // namespace bisque
