// FocalLengthCameras: the base of cameras with a focal length.
#pragma once
#include <string>

#include <bisque/renderer/cameras/linear_cameras.h>

namespace bisque {

struct FocalLengthOptions {
  BatchValue focal_length = 1.0;            // [N], or x and y [N, 2]
  BatchValue principal_point = {0.0, 0.0};  // x and y [N, 2]
  BatchValue K = {};                        // [N, 4, 4]: replaces both
  bool in_ndc = true;                       // else focal_length and principal_point are in pixels
  BatchValue image_size = {};               // (height, width) [N, 2]; required for results in NDC if they are in pixels
};

/// Base of the cameras with a focal length f and a principal point p, in NDC or in pixels. A principal point in pixels
/// is a place on the screen, right and down, while K gives x to the left and y up; NDC and screen results take this
/// into account, as PyTorch3D's do. Error: an image_size below 1.
class FocalLengthCameras : public LinearCameras {
 public:
  /// For derived classes; `name` is theirs, for messages.
  FocalLengthCameras(const char* name, const ViewTransform& view, const FocalLengthOptions& options);

  bool in_ndc() const override { return in_ndc_; }
  at::Tensor get_image_size() const override { return image_size; }
  /// [N, 2], as the parameter.
  at::Tensor get_principal_point() const { return principal_point_of(calibration_matrix()); }
  std::string extra_repr() const override;

  Buffer focal_length, principal_point;  // [N, 2]
  Buffer K;                              // [N, 4, 4] or undefined
  Buffer image_size;                     // [N, 2] or undefined

 protected:
  FocalLengthCameras(const FocalLengthCameras&) = default;
  /// These settings with other parameters.
  FocalLengthOptions options_of(const Values& values) const;

 private:
  FocalLengthCameras(const ViewTransform& view, const FocalLengthOptions& options, const ParameterBatch& batch);

  bool in_ndc_;
};

}  // namespace bisque
