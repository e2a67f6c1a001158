// Cameras: the base of all cameras.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <bisque/core/nn/module.h>
#include <bisque/ops3d/transforms/transform3d.h>
#include <bisque/renderer/batch/batch_value.h>
#include <bisque/renderer/cameras/view_transform.h>

namespace bisque {

class ParameterBatch;

struct ScreenOptions {
  BatchValue image_size = {};  // (height, width) [N, 2]; without it, that of the cameras
  bool with_xyflip = true;     // +X right and +Y down; else both as in NDC, with the origin at the same corner
  std::optional<double> eps = std::nullopt;  // see transform_points
};

struct UnprojectOptions {
  bool world_coordinates = true;    // the result is in world space; else in view space
  bool from_ndc = false;            // x and y are in NDC, also for cameras in screen space
  bool scaled_depth_input = false;  // the depth is that of transform_points; else that of view space
};

/// N cameras. Coordinate systems, as in PyTorch3D:
///
///   world   of the scene
///   view    world R + T, row vectors: the camera is at the origin, +X is left, +Y up, +Z into the screen
///   NDC     +X left, +Y up, the origin in the middle of the picture; the shorter side of the picture spans [-1, 1]
///   screen  pixels, +X right, +Y down, the origin at the upper left corner of the picture; the center of the first
///           pixel is at (0.5, 0.5)
///
/// Parameters are float32 or float64 and have a row per camera; a tensor that was given is used unmodified, so that its
/// gradient arrives at it. All results are differentiable by points and parameters. Points are [P, 3] or [B, P, 3]. For
/// [P, 3] results are [N, P, 3], but [P, 3] for a single camera. Of [B, P, 3], a single camera sees all; otherwise N is
/// a multiple V of B, and cameras V b to V (b + 1) - 1 see points b. Errors: shapes, dtypes or devices that do not
/// match.
class Cameras : public Module {
 public:
  /// For derived classes.
  Cameras(const ViewTransform& view, const ParameterBatch& batch);

  int64_t size() const { return R.size(0); }  ///< N
  at::ScalarType dtype() const { return R.scalar_type(); }
  at::Device device() const { return R.device(); }

  virtual bool is_perspective() const = 0;
  virtual bool is_orthographic() const { return false; }
  /// Whether parameters and transform_points are in NDC; else in pixels.
  virtual bool in_ndc() const { return true; }
  virtual at::Tensor get_znear() const { return {}; }       ///< [N]; undefined if the camera has none
  virtual at::Tensor get_zfar() const { return {}; }        ///< [N]; undefined if the camera has none
  virtual at::Tensor get_image_size() const { return {}; }  ///< (height, width) [N, 2]; undefined if it is not known

  Transform3d get_world_to_view_transform() const;
  /// Position of the cameras in world space, [N, 3].
  at::Tensor get_camera_center() const;

  /// World points in view space. `unit` is the length in world space of 1 in the points and the result.
  at::Tensor transform_points_to_view(const at::Tensor& points, double unit = 1) const;
  /// World points in the space of the camera's parameters (see in_ndc), with the depth that its projection gives: x and
  /// y are divided by a depth with a magnitude of at least `eps`, if that is given.
  virtual at::Tensor transform_points(const at::Tensor& points, std::optional<double> eps = std::nullopt) const = 0;
  /// The same in NDC.
  at::Tensor transform_points_ndc(const at::Tensor& points, std::optional<double> eps = std::nullopt) const {
    return points_to_ndc(points, eps, {});
  }
  /// The same on the screen. Error: no image size.
  at::Tensor transform_points_screen(const at::Tensor& points, const ScreenOptions& options = {}) const;
  /// The inverse of transform_points: points x, y and depth in world or view space.
  virtual at::Tensor unproject_points(const at::Tensor& xy_depth, const UnprojectOptions& options = {}) const = 0;

  /// Projects world points for rasterizers: x and y in NDC, z in view space, always [N, P, 3]. A perspective camera
  /// divides by a depth with a magnitude of at least 1e-6 (1e-6 znear, if that is less), with its sign; no result of
  /// finite points is NaN. `unit` is the length in world space of 1 in the points and in the returned depth (see
  /// model_unit).
  virtual at::Tensor forward(const at::Tensor& points, double unit = 1) const = 0;

  /// Cameras with these indices, [M] int64, or a mask [N] bool; negative indices count from the end. Error: an index
  /// out of range.
  std::shared_ptr<Cameras> select(const at::Tensor& indices) const;
  std::shared_ptr<Cameras> select(const std::vector<int64_t>& indices) const;
  std::shared_ptr<Cameras> select(int64_t index) const { return select(std::vector<int64_t>{index}); }

  Buffer R;  // [N, 3, 3]
  Buffer T;  // [N, 3]

 protected:
  Cameras(const Cameras&) = default;

  /// The value of a parameter by its name; undefined where the cameras have none.
  using Values = std::function<at::Tensor(const std::string& name)>;
  /// Cameras of this class with the same settings and other parameters.
  virtual std::shared_ptr<Cameras> with(const Values& values) const = 0;

  /// World to view as matrices [N, 4, 4] for column vectors.
  at::Tensor world_to_view_matrix(double unit = 1) const;
  /// View points [N, P, 3] in world space.
  at::Tensor view_to_world(const at::Tensor& points) const;
  /// (height, width) [N, 2], of the argument or the cameras. Error: neither is given.
  at::Tensor image_size_or_own(const BatchValue& image_size) const;
  /// transform_points_ndc with the image size of the argument.
  virtual at::Tensor points_to_ndc(const at::Tensor& points, std::optional<double> eps,
                                   const BatchValue& image_size) const = 0;

 private:
  friend std::shared_ptr<Cameras> join_cameras_as_batch(const std::vector<std::shared_ptr<const Cameras>>& cameras);
};

/// All cameras in one batch. Errors: none, classes or settings (such as in_ndc) that differ, a parameter that only some
/// have.
std::shared_ptr<Cameras> join_cameras_as_batch(const std::vector<std::shared_ptr<const Cameras>>& cameras);

/// NDC to screen and back for pictures of image_size (height, width), [N, 2] or [2]; z does not change. With
/// with_xyflip the screen is that of Cameras; without it, x and y have the directions of NDC, and the origin of NDC is
/// at (-W / 2, -H / 2).
Transform3d get_ndc_to_screen_transform(const BatchValue& image_size, bool with_xyflip = false,
                                        const at::TensorOptions& options = {});
Transform3d get_screen_to_ndc_transform(const BatchValue& image_size, bool with_xyflip = false,
                                        const at::TensorOptions& options = {});

}  // namespace bisque
