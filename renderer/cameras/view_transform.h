// Rotation and translation of cameras, and what is made of them.
#pragma once
#include <ATen/core/Tensor.h>

#include <tuple>

#include <bisque/ops3d/transforms/transform3d.h>

namespace bisque {

/// Rotation and translation of N cameras, in PyTorch3D's convention: row vectors, view = world R + T; in view space +X
/// is left, +Y up, +Z into the screen. Undefined: the identity, and zero.
struct ViewTransform {
  at::Tensor R;  // [N, 3, 3]
  at::Tensor T;  // [N, 3]
};

/// The same as a transform of points. R is not checked to be a rotation; its inverse is taken to be the transpose.
/// Error: shapes or batch sizes that do not match.
Transform3d get_world_to_view_transform(const ViewTransform& view);

/// For each camera its position, a point one unit before it, and the unit vector that points up: [N, 3] each.
/// look_at_view_transform of these gives the same camera. Differentiable.
struct EyeAtUp {
  at::Tensor eye, at, up;
};
EyeAtUp camera_to_eye_at_up(const Transform3d& world_to_view);

/// Turns cameras about their own positions: first `view`, then the inverse of `rotation` [3, 3] or [n, 3, 3], which
/// acts on column vectors (see axis_angle_to_matrix). A rotation by a positive angle about Y turns the camera to its
/// right, about X up. R [3, 3] or [N, 3, 3] and T [3] or [N, 3]; N and n are equal, or one is 1. Differentiable. Error:
/// other shapes.
ViewTransform rotate_on_spot(const ViewTransform& view, const at::Tensor& rotation);

}  // namespace bisque
