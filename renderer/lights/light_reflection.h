// Internal. How light is reflected at points, for lights of any kind.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque {

// Normals and points are [N, ..., 3]; lights [N, 4] are positions and 1, or directions towards them and 0; colors and
// camera_position are [N, 3], shininess is [N]; N may be 1. Results are [N, ..., 3]. Error: normals and points of other
// shapes.

/// See Lights::diffuse.
at::Tensor diffuse_reflection(const at::Tensor& normals, const at::Tensor& points, const at::Tensor& lights,
                              const at::Tensor& color);
/// See Lights::specular.
at::Tensor specular_reflection(const at::Tensor& normals, const at::Tensor& points, const at::Tensor& lights,
                               const at::Tensor& color, const at::Tensor& camera_position, const at::Tensor& shininess);

/// Parameters [N] or [N, C] as [N, 1, ..., 1 or C], beside values [N, ..., C].
at::Tensor beside_points(const at::Tensor& parameters, const at::Tensor& points);

}  // namespace bisque
