// FishEyeCameras: cameras with radial, tangential and thin-prism distortion.
#pragma once
#include <bisque/renderer/cameras/cameras.h>

namespace bisque {

struct FishEyeOptions {
  BatchValue focal_length = 1.0;                  // [N], or x and y [N, 2]
  BatchValue principal_point = {0.0, 0.0};        // [N, 2]
  BatchValue radial_params = {0, 0, 0, 0, 0, 0};  // [N, any]
  BatchValue tangential_params = {0, 0};          // [N, 2]
  BatchValue thin_prism_params = {0, 0, 0, 0};    // [N, 4]
  bool world_coordinates =
      true;                // transform_points takes world points; else view points, and unproject_points gives them
  bool use_radial = true;  // else (x_r, y_r) below is (a, b)
  bool use_tangential = true;
  bool use_thin_prism = true;
  BatchValue image_size = {};  // (height, width) [N, 2]
};

/// Cameras with the distortion of a fisheye lens, in NDC. For a view point (X, Y, Z), with a = X / Z, b = Y / Z,
/// r = |(a, b)|, theta = atan r, q = (x_r, y_r), d = |q|^2, radial_params k, tangential_params p, thin_prism_params s:
///
///   q = theta (1 + k0 theta^2 + k1 theta^4 + ...) (a, b) / r
///   uv = q + 2 (q . p) q + d p + (s0 d + s1 d^2, s2 d + s3 d^2)
///   (x, y) = focal_length uv + principal_point
///
/// The depth of transform_points is 1. A point with negative Z is at the place of its mirror image (-X, -Y, -Z).
/// unproject_points inverts this by Newton's method for angles theta below 90 degrees; its first derivatives are exact.
/// forward takes world points, and `world_coordinates` does not change that. Error: scaled_depth_input of
/// unproject_points.
class FishEyeCameras : public ModuleOf<FishEyeCameras, Cameras> {
 public:
  explicit FishEyeCameras(const ViewTransform& view = {}, const FishEyeOptions& options = {});

  bool is_perspective() const override { return false; }
  at::Tensor get_image_size() const override { return image_size; }
  at::Tensor transform_points(const at::Tensor& points, std::optional<double> eps = std::nullopt) const override;
  at::Tensor unproject_points(const at::Tensor& xy_depth, const UnprojectOptions& options = {}) const override;
  at::Tensor forward(const at::Tensor& points, double unit = 1) const override;
  std::string extra_repr() const override;

  Buffer focal_length, principal_point;                        // [N, 2]
  Buffer radial_params, tangential_params, thin_prism_params;  // [N, any], [N, 2], [N, 4]
  Buffer image_size;                                           // [N, 2] or undefined

 protected:
  at::Tensor points_to_ndc(const at::Tensor& points, std::optional<double> eps,
                           const BatchValue& image_size) const override;
  std::shared_ptr<Cameras> with(const Values& values) const override;

 private:
  FishEyeCameras(const ViewTransform& view, const FishEyeOptions& options, const ParameterBatch& batch);
  /// x and y, [N, P, 2], of view points as rows [N, 3, P].
  at::Tensor project(const at::Tensor& view_rows, double smallest_depth) const;
  at::Tensor distort(const at::Tensor& q) const;
  at::Tensor distortion_jacobian(const at::Tensor& q) const;
  at::Tensor undistort(const at::Tensor& uv) const;
  at::Tensor radial_factor(const at::Tensor& theta_squared, bool derivative) const;
  at::Tensor angle_of(const at::Tensor& radius) const;

  bool world_coordinates_, use_radial_, use_tangential_, use_thin_prism_;
};

}  // namespace bisque
