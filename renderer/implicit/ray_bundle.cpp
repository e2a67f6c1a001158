#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/implicit/ray_bundle.h>

namespace bisque {

at::Tensor ray_bundle_to_ray_points(const RayBundle& rays) {
  const at::IntArrayRef origins = rays.origins.sizes(), directions = rays.directions.sizes(),
                        lengths = rays.lengths.sizes();
  if (origins.empty() || lengths.empty() || origins.back() != 3 || directions != origins ||
      lengths.slice(0, lengths.size() - 1) != origins.slice(0, origins.size() - 1)) {
    fail(
        "ray_bundle_to_ray_points: expected origins and directions [..., 3] and lengths [..., P] of the same rays, but "
        "got ",
        origins, ", ", directions, " and ", lengths, ".");
  }
  return rays.origins.unsqueeze(-2) + rays.lengths.unsqueeze(-1) * rays.directions.unsqueeze(-2);
}

}  // namespace bisque
