// LinearCameras: cameras whose projection is a matrix.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>

#include <bisque/renderer/cameras/cameras.h>

namespace bisque {

/// Base of the cameras whose projection from view space is a 4x4 matrix, in homogeneous coordinates.
class LinearCameras : public Cameras {
 public:
  using Cameras::Cameras;

  /// View space to the space of the camera's parameters.
  Transform3d get_projection_transform() const { return Transform3d(calibration_matrix().mT()); }
  /// World space to the space of the camera's parameters.
  Transform3d get_full_projection_transform() const {
    return get_world_to_view_transform().compose(get_projection_transform());
  }
  /// The space of the camera's parameters to NDC: the identity for cameras in NDC. Error: a camera in screen space
  /// without an image size.
  Transform3d get_ndc_camera_transform() const;
  /// View space to NDC.
  Transform3d get_ndc_projection_transform() const { return Transform3d(ndc_calibration_matrix({}).mT()); }

  /// K [N, 4, 4]: the projection as a matrix for column vectors, as PyTorch3D's cameras take it.
  virtual at::Tensor calibration_matrix() const = 0;

  at::Tensor transform_points(const at::Tensor& points, std::optional<double> eps = std::nullopt) const override;
  at::Tensor unproject_points(const at::Tensor& xy_depth, const UnprojectOptions& options = {}) const override;
  at::Tensor forward(const at::Tensor& points, double unit = 1) const override;

 protected:
  at::Tensor points_to_ndc(const at::Tensor& points, std::optional<double> eps,
                           const BatchValue& image_size) const override;
  /// Where the optical axis meets the picture, [N, 2], in the space of the parameters. In screen space x is towards the
  /// right and y down, unlike in K.
  virtual at::Tensor principal_point_of(const at::Tensor& K) const = 0;
  /// Whether the fourth coordinate that K gives is known to be the depth.
  virtual bool divides_by_depth() const = 0;
  /// Calibration matrices whose elements, row by row, are numbers or tensors [N].
  at::Tensor matrix_of(std::initializer_list<BatchValue> elements) const;

 private:
  at::Tensor ndc_calibration_matrix(const BatchValue& image_size) const;
};

}  // namespace bisque
