#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/points/points_renderer.h>

namespace bisque {

PointsRenderer::PointsRenderer(std::shared_ptr<PointsRasterizer> rasterizer_, std::shared_ptr<Compositor> compositor_)
    : rasterizer(*this, "rasterizer", std::move(rasterizer_)),
      compositor(*this, "compositor", std::move(compositor_)) {}

at::Tensor PointsRenderer::forward(const Pointclouds& clouds, const Cameras& cameras, const at::Tensor& radii) const {
  if (!clouds.has_features()) fail("PointsRenderer: expected clouds with features, but they have none.");
  const PointFragments fragments = rasterizer(clouds, cameras, radii);
  const double radius = rasterizer->options().radius;
  // What an empty entry gets is not used.
  const auto weights = radii.defined() && radii.numel() > 0
                           ? 1 - fragments.dists / at::take(radii.detach().square(), fragments.idx.clamp_min(0))
                           : 1 - fragments.dists / (radius * radius);
  const auto images = compositor(fragments.idx.permute({0, 3, 1, 2}), weights.permute({0, 3, 1, 2}),
                                 clouds.features_packed().transpose(0, 1));
  return images.permute({0, 2, 3, 1});
}

}  // namespace bisque
