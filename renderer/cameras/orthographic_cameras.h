// OrthographicCameras: orthographic cameras with a focal length.
#pragma once
#include <bisque/renderer/cameras/linear_cameras.h>

namespace bisque {

struct OrthographicOptions {
  BatchValue focal_length = 1.0;            // [N], or x and y [N, 2]
  BatchValue principal_point = {0.0, 0.0};  // x and y [N, 2]
  BatchValue K = {};                        // [N, 4, 4]: replaces both
  bool in_ndc = true;                       // else focal_length and principal_point are in pixels
  BatchValue image_size = {};               // (height, width) [N, 2]; required for results in NDC if they are in pixels
};

/// Orthographic cameras with a focal length f, by which x and y are scaled, and a principal point p, in NDC or in
/// pixels:
///
///   K = [[fx, 0, 0, px], [0, fy, 0, py], [0, 0, 1, 0], [0, 0, 0, 1]]
///
/// A principal point in pixels is a place on the screen, right and down, while K gives x to the left and y up; NDC and
/// screen results take this into account, as PyTorch3D's do. Error: an image_size below 1.
class OrthographicCameras : public ModuleOf<OrthographicCameras, LinearCameras> {
 public:
  explicit OrthographicCameras(const ViewTransform& view = {}, const OrthographicOptions& options = {});

  bool is_perspective() const override { return false; }
  bool is_orthographic() const override { return true; }
  bool in_ndc() const override { return in_ndc_; }
  at::Tensor get_image_size() const override { return image_size; }
  /// [N, 2], as the parameter.
  at::Tensor get_principal_point() const { return principal_point_of(calibration_matrix()); }
  at::Tensor calibration_matrix() const override;
  std::string extra_repr() const override;

  Buffer focal_length, principal_point;  // [N, 2]
  Buffer K;                              // [N, 4, 4] or undefined
  Buffer image_size;                     // [N, 2] or undefined

 protected:
  at::Tensor principal_point_of(const at::Tensor& K) const override;
  bool divides_by_depth() const override { return false; }
  std::shared_ptr<Cameras> with(const Values& values) const override;

 private:
  OrthographicCameras(const ViewTransform& view, const OrthographicOptions& options, const ParameterBatch& batch);

  bool in_ndc_;
};

}  // namespace bisque
