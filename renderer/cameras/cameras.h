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

/// Cameras at `eye` that look at `at`, for one camera (N = 1). Error: eye equals at, or up is parallel to the line of
/// sight.
ViewTransform look_at_view_transform(const Vec3d& eye, const Vec3d& at, const Vec3d& up = {0, 1, 0});

/// The point at `distance` from `at` in the direction of elevation (up from the XZ plane) and azimuth (from +Z towards
/// +X), degrees.
Vec3d orbit_position(double distance, double elevation, double azimuth, const Vec3d& at);

struct FovSettings {
  double fov = 60;          // vertical angle of view, degrees
  double aspect_ratio = 1;  // of a pixel: width / height
  double znear = 1;
  double zfar = 100;
};

/// Perspective cameras with a field of view. The shorter side of a picture spans [-1, 1] in NDC.
class FoVPerspectiveCameras : public ModuleOf<FoVPerspectiveCameras> {
 public:
  explicit FoVPerspectiveCameras(ViewTransform view, const FovSettings& settings = {});

  /// Projects points for rasterize_meshes: x and y in NDC, z in view space.
  ///   points [N, P, 3] (or [1, P, 3]) world space   returns [N, P, 3]
  /// A depth closer to 0 than 1e-6 (or 1e-6 znear, if that is less) is replaced in the division by that value with its
  /// sign. `unit` is the length in world space of 1 in the points and in the returned depth (see model_unit).
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

/// The view of a model. Angles in degrees.
struct Framing {
  double fov = 25;
  double elevation = 0;
  double azimuth = 0;
  double margin = 0.08;      // free fraction of the picture on each side of the model's box
  double distance = 0;       // 0: fits the model
  Vec3d offset = {0, 0, 0};  // offset of the camera's target from the middle of the model's box
};

/// A camera that sees all of verts [V, 3] in a picture of width / height = `aspect`; its near plane includes `scene`
/// [S, 3], if that is defined. Error: no vertex, one that is not finite, or a box too large for float32.
std::shared_ptr<FoVPerspectiveCameras> fit_camera(const at::Tensor& verts, double aspect, const Framing& framing = {},
                                                  const at::Tensor& scene = {});

/// A power of two near the size of the box of verts [V, 3]: lengths divided by it keep their precision, and their
/// squares stay in the range of float32 for any unit of the model. 1 for a box whose longest side is from 24 to 48, and
/// for a box without size.
double model_unit(const at::Tensor& verts);

}  // namespace bisque
