// FoVOrthographicCameras: orthographic cameras that see a box.
#pragma once
#include <bisque/renderer/cameras/linear_cameras.h>

namespace bisque {

struct FoVOrthographicOptions {
  BatchValue znear = 1.0;   // the depths that get the depths 0
  BatchValue zfar = 100.0;  // and 1 in NDC
  BatchValue max_y = 1.0;   // what of view space is in the NDC range [-1, 1]
  BatchValue min_y = -1.0;
  BatchValue max_x = 1.0;
  BatchValue min_x = -1.0;
  BatchValue scale_xyz = {1.0, 1.0, 1.0};  // [N, 3], of the axes
  BatchValue K = {};                       // [N, 4, 4]: replaces all of these
};

/// Orthographic cameras that see a box of view space, in NDC:
///
///   x = scale 2 / (max_x - min_x) X - (max_x + min_x) / (max_x - min_x), y likewise,
///   z = (scale Z - znear) / (zfar - znear)
class FoVOrthographicCameras : public ModuleOf<FoVOrthographicCameras, LinearCameras> {
 public:
  explicit FoVOrthographicCameras(const ViewTransform& view = {}, const FoVOrthographicOptions& options = {});

  bool is_perspective() const override { return false; }
  bool is_orthographic() const override { return true; }
  at::Tensor get_znear() const override { return znear; }
  at::Tensor get_zfar() const override { return zfar; }
  at::Tensor calibration_matrix() const override;

  Buffer znear, zfar, max_y, min_y, max_x, min_x;  // [N]
  Buffer scale_xyz;                                // [N, 3]
  Buffer K;                                        // [N, 4, 4] or undefined

 protected:
  at::Tensor principal_point_of(const at::Tensor& K) const override;
  bool divides_by_depth() const override { return false; }
  std::shared_ptr<Cameras> with(const Values& values) const override;

 private:
  FoVOrthographicCameras(const ViewTransform& view, const FoVOrthographicOptions& options, const ParameterBatch& batch);
};

}  // namespace bisque
