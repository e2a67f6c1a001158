// Cameras that look at a point.
#pragma once
#include <ATen/core/Tensor.h>

#include <array>

#include <bisque/renderer/batch/batch_value.h>
#include <bisque/renderer/cameras/view_transform.h>

namespace bisque {

using Vec3d = std::array<double, 3>;

struct LookAtOptions {
  BatchValue dist = 1.0;            // distance from `at`
  BatchValue elev = 0.0;            // angle up from the XZ plane
  BatchValue azim = 0.0;            // angle from +Z towards +X
  bool degrees = true;              // else angles are in radians
  BatchValue eye = {};              // position [N, 3], in place of dist, elev and azim
  BatchValue at = {0.0, 0.0, 0.0};  // [N, 3]
  BatchValue up = {0.0, 1.0, 0.0};  // [N, 3]
};

/// N cameras at `eye`, or at the distance `dist` from `at` in the direction of elevation and azimuth, that look at
/// `at`:
///
///   look_at_view_transform({.dist = 2.7, .elev = 10, .azim = azimuths})   // azimuths [N]
///
/// Values hold for all cameras or are tensors with a row for each. float32 on the CPU if there is no tensor.
/// Differentiable. See look_at_rotation for directions that do not define a rotation. Errors: shapes, dtypes or devices
/// that do not match.
ViewTransform look_at_view_transform(const LookAtOptions& options);

/// One camera, float32 on the CPU. Errors: eye equals at, or up is parallel to the line of sight.
ViewTransform look_at_view_transform(const Vec3d& eye, const Vec3d& at, const Vec3d& up = {0, 1, 0});

/// Rotations [N, 3, 3] of cameras at camera_position [N, 3] that look at `at` [N, 3]: the columns are the axes of view
/// space. `up` need not be perpendicular to the line of sight. If it is parallel to it, the camera's x axis is the
/// world axis that is most nearly perpendicular, as for elevations close to 90 degrees and an azimuth of 0. If
/// camera_position equals `at`, the camera looks along +Z. Lengths may have any size. Differentiable, never NaN.
at::Tensor look_at_rotation(const at::Tensor& camera_position, const BatchValue& at = {0.0, 0.0, 0.0},
                            const BatchValue& up = {0.0, 1.0, 0.0});

/// Positions [N, 3] at `distance` from the origin in the direction of elevation (up from the XZ plane) and azimuth
/// (from +Z towards +X). Differentiable.
at::Tensor camera_position_from_spherical_angles(const BatchValue& distance, const BatchValue& elevation,
                                                 const BatchValue& azimuth, bool degrees = true);

/// The point at `distance` from `at` in the direction of elevation and azimuth, degrees.
Vec3d orbit_position(double distance, double elevation, double azimuth, const Vec3d& at);

}  // namespace bisque
