// Cameras in PyTorch3D's conventions: row vectors, view = world R + T, in view space +X left, +Y up, +Z into the
// screen.
#pragma once
#include <ATen/core/Tensor.h>

#include <array>

#include <bisque/core/nn/module.h>

namespace bisque {

using Vec3d = std::array<double, 3>;

/// Rotation and translation of N cameras.
struct ViewTransform {
  at::Tensor R;  // [N, 3, 3]
  at::Tensor T;  // [N, 3]
};

/// Cameras at `eye` that look at `at`, for one camera (N = 1). Error: eye and at are one point, or up is along the line
/// of sight.
ViewTransform look_at_view_transform(const Vec3d& eye, const Vec3d& at, const Vec3d& up = {0, 1, 0});

/// The point at `distance` from `at` in the direction of elevation (up from the XZ plane) and azimuth (from +Z towards
/// +X), degrees.
Vec3d orbit_position(double distance, double elevation, double azimuth, const Vec3d& at);

struct FovSettings {
  double fov = 60;          // vertical angle of view, degrees
  double aspect_ratio = 1;  // of a pixel: its width over its height
  double znear = 1;
  double zfar = 100;
};

/// Perspective cameras given by their angle of view. The shorter side of a picture spans [-1, 1] in NDC.
class FoVPerspectiveCameras : public ModuleOf<FoVPerspectiveCameras> {
 public:
  explicit FoVPerspectiveCameras(ViewTransform view, const FovSettings& settings = {});

  /// What rasterize_meshes takes: x and y in NDC, z in view space.
  ///   points [N, P, 3] (or [1, P, 3]) world space   returns [N, P, 3]
  /// A depth closer to 0 than 1e-6 (or 1e-6 znear, if that is less) is taken as that with its sign in the division.
  /// `unit` is the length in world space of 1 in the points and in the depth that is returned (see model_unit).
  at::Tensor forward(const at::Tensor& points, double unit = 1) const;

  at::Tensor transform_points_to_view(const at::Tensor& points, double unit = 1) const;
  /// World position of the cameras, [N, 3].
  at::Tensor get_camera_center() const;
  const FovSettings& settings() const { return settings_; }

  Buffer R;
  Buffer T;

 private:
  FovSettings settings_;
};

/// How a model is looked at. Angles in degrees.
struct Framing {
  double fov = 25;
  double elevation = 0;
  double azimuth = 0;
  double margin = 0.08;      // free part of the picture on each side of the model's box
  double distance = 0;       // 0: so that the model fits
  Vec3d offset = {0, 0, 0};  // added to the middle of the model's box to get the point that is looked at
};

/// A camera that sees all of verts [V, 3] in a picture of width / height = `aspect`; its near plane leaves room for
/// `scene` [S, 3] too, where that is defined. Error: no vertex, one that is not finite, or a box so large that float32
/// has no room for the camera.
std::shared_ptr<FoVPerspectiveCameras> fit_camera(const at::Tensor& verts, double aspect, const Framing& framing = {},
                                                  const at::Tensor& scene = {});

/// A power of two near the size of the box of verts [V, 3]: lengths divided by it keep their digits, and squares of
/// them stay in the range of float32 whatever the model's unit is. 1 for a box whose longest side is from 24 to 48, and
/// where it has no size.
double model_unit(const at::Tensor& verts);

}  // namespace bisque
