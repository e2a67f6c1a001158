// FoVPerspectiveCameras: perspective cameras with a field of view.
#pragma once
#include <bisque/renderer/cameras/linear_cameras.h>

namespace bisque {

struct FoVPerspectiveOptions {
  BatchValue fov = 60.0;          // angle of view of the shorter side of the picture
  BatchValue aspect_ratio = 1.0;  // of a pixel: width / height
  BatchValue znear = 1.0;         // the depths that get the depths 0
  BatchValue zfar = 100.0;        // and 1 in NDC
  bool degrees = true;            // else fov is in radians
  BatchValue K = {};              // [N, 4, 4]: replaces all of these
};

/// Perspective cameras with a field of view, in NDC. With t = tan(fov / 2), n = znear, f = zfar:
///
///   K = [[1 / (t aspect_ratio), 0, 0, 0], [0, 1 / t, 0, 0], [0, 0, f / (f - n), -f n / (f - n)], [0, 0, 1, 0]]
///
/// Errors: numbers (not tensors) of fov that are not between 0 and 180 degrees, or of aspect_ratio that are not above
/// 0.
class FoVPerspectiveCameras : public ModuleOf<FoVPerspectiveCameras, LinearCameras> {
 public:
  explicit FoVPerspectiveCameras(const ViewTransform& view = {}, const FoVPerspectiveOptions& options = {});

  bool is_perspective() const override { return true; }
  at::Tensor get_znear() const override { return znear; }
  at::Tensor get_zfar() const override { return zfar; }
  at::Tensor calibration_matrix() const override;
  std::string extra_repr() const override;

  Buffer znear, zfar, aspect_ratio, fov;  // [N]
  Buffer K;                               // [N, 4, 4] or undefined

 protected:
  at::Tensor principal_point_of(const at::Tensor& K) const override;
  bool divides_by_depth() const override { return !K.defined(); }
  std::shared_ptr<Cameras> with(const Values& values) const override;

 private:
  FoVPerspectiveCameras(const ViewTransform& view, const FoVPerspectiveOptions& options, const ParameterBatch& batch);

  bool degrees_;
};

}  // namespace bisque
