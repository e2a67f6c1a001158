// Rays, and the places along them where a field is evaluated.
#pragma once
#include <ATen/core/Tensor.h>

namespace bisque {

struct RayBundle {
  at::Tensor origins;     // [..., 3] world space
  at::Tensor directions;  // [..., 3] world space
  at::Tensor lengths;     // [..., P] multiples of the direction, rising
  at::Tensor xys;         // [..., 2] where the rays pass through the picture
};

/// origins + lengths * directions, [..., P, 3]. Differentiable. Error: shapes that do not match.
at::Tensor ray_bundle_to_ray_points(const RayBundle& rays);

}  // namespace bisque
