#include <ATen/ATen.h>

#include <algorithm>
#include <array>

#include <bisque/core/error.h>
#include <bisque/renderer/implicit/volume_sampler.h>

namespace bisque {
namespace {

template <size_t N>
int64_t mode_of(const char* name, const std::string& mode, const std::array<const char*, N>& modes) {
  const auto found = std::find(modes.begin(), modes.end(), mode);
  if (found == modes.end()) {
    std::string known;
    for (const char* each : modes) known += known.empty() ? each : std::string(", ") + each;
    fail("VolumeSampler: expected ", name, " to be one of ", known, ", but got \"", mode, "\".");
  }
  return found - modes.begin();
}

/// From local coordinates over a volume's own voxels to those over its padded tensor.
at::Tensor in_padded(const Volumes& volumes, const at::Tensor& points) {
  const auto padded = volumes.densities().sizes().slice(2);
  const auto own = volumes.get_grid_sizes().flip(1).to(points.options().requires_grad(false)).view({-1, 1, 3});
  const auto all = at::tensor({padded[2], padded[1], padded[0]}, own.options());
  // The first voxel is at -1, or the border before it without align_corners.
  const auto scale = volumes.align_corners() ? (own - 1) / (all - 1).clamp_min(1) : own / all;
  return (points + 1) * scale - 1;
}

bool has_padding(const Volumes& volumes) {
  const auto padded = volumes.densities().sizes().slice(2);
  for (const at::Tensor& each : volumes.densities_list()) {
    if (each.sizes().slice(1) != padded) return true;
  }
  return false;
}

}  // namespace

VolumeSampler::VolumeSampler(Volumes volumes, const VolumeSamplerOptions& options)
    : volumes_(std::move(volumes)),
      sample_mode_(mode_of<2>("sample_mode", options.sample_mode, {"bilinear", "nearest"})),
      padding_mode_(mode_of<3>("padding_mode", options.padding_mode, {"zeros", "border", "reflection"})) {
  if (padding_mode_ != 0 && has_padding(volumes_)) {
    fail("VolumeSampler: expected padding_mode to be zeros for volumes of different sizes, but got \"",
         options.padding_mode, "\".");
  }
}

std::pair<at::Tensor, at::Tensor> VolumeSampler::forward(const RayBundle& rays) const {
  const auto world = ray_bundle_to_ray_points(rays);
  const int64_t B = volumes_.size();
  if (world.dim() < 3 || B == 0 || world.size(0) % B != 0) {
    fail("VolumeSampler: expected rays [N, ..., 3] with N a multiple of the ", B, " volumes, but got ",
         rays.origins.sizes(), ".");
  }
  auto points = volumes_.world_to_local_coords(world.reshape({B, -1, 3}));
  if (has_padding(volumes_)) points = in_padded(volumes_, points);
  const bool has_features = volumes_.has_features();
  const auto values = has_features ? at::cat({volumes_.densities(), volumes_.features()}, 1) : volumes_.densities();
  const auto sampled =
      at::grid_sampler(values, points.view({B, -1, 1, 1, 3}), sample_mode_, padding_mode_, volumes_.align_corners())
          .flatten(2)
          .transpose(1, 2);
  at::DimVector shape(world.sizes());
  shape.back() = values.size(1);
  const auto all = sampled.reshape(shape);
  const int64_t num_densities = volumes_.densities().size(1);
  return {all.slice(-1, 0, num_densities), all.slice(-1, num_densities)};
}

}  // namespace bisque
