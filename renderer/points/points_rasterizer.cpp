#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/points/points_rasterizer.h>

namespace bisque {
namespace {

void check_positions(const Pointclouds& clouds, const at::Tensor& positions) {
  const int64_t longest = clouds.point_sizes().longest();
  const bool has_shape = positions.dim() == 3 && positions.size(1) == longest && positions.size(2) == 3;
  const int64_t pictures = has_shape ? positions.size(0) : 0;
  if (!has_shape || (clouds.size() == 0 ? pictures > 0 : pictures % clouds.size() > 0)) {
    fail("PointsRasterizer: expected positions to have shape [N, ", longest, ", 3] with N a multiple of the ",
         clouds.size(), " clouds, but got ", positions.sizes(), ".");
  }
}

/// Radii of packed points for the positions of N pictures.
at::Tensor radii_of_positions(const Pointclouds& clouds, const at::Tensor& radii, int64_t pictures) {
  if (radii.dim() != 1 || radii.size(0) != clouds.point_sizes().total()) {
    fail("PointsRasterizer: expected radii to have shape [", clouds.point_sizes().total(),
         "], one for each point, but got ", radii.sizes(), ".");
  }
  const auto padded = clouds.point_sizes().padded_of_packed(radii.detach(), 0);
  return padded.repeat_interleave(clouds.size() > 0 ? pictures / clouds.size() : 1, 0).flatten();
}

}  // namespace

PointFragments PointsRasterizer::forward(const Pointclouds& clouds, const Cameras& cameras,
                                         const at::Tensor& radii) const {
  return rasterize(clouds, cameras.forward(clouds.points_padded()), radii);
}

PointFragments PointsRasterizer::rasterize(const Pointclouds& clouds, const at::Tensor& positions,
                                           const at::Tensor& radii) const {
  check_positions(clouds, positions);
  const data::RaggedSizes& sizes = clouds.point_sizes();
  const int64_t pictures = positions.size(0), views = clouds.size() > 0 ? pictures / clouds.size() : 1;
  const auto counts = clouds.num_points_per_cloud().repeat_interleave(views);
  const auto first = at::arange(pictures, counts.options()) * sizes.longest();
  auto [idx, zbuf, dists] = rasterize_points(positions.reshape({-1, 3}), first, counts, options_,
                                             radii.defined() ? radii_of_positions(clouds, radii, pictures) : radii);
  if (views > 1 || !sizes.are_equal()) {  // from rows of positions to packed points
    const auto shift = first - clouds.cloud_to_packed_first_idx().repeat_interleave(views);
    idx = at::where(idx < 0, idx, idx - shift.view({-1, 1, 1, 1}));
  }
  return {idx, zbuf, dists};
}

}  // namespace bisque
