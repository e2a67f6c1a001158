// PointsRenderer: pictures of point clouds.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>

#include <bisque/core/nn/module.h>
#include <bisque/renderer/points/compositors.h>
#include <bisque/renderer/points/points_rasterizer.h>

namespace bisque {

/// forward(clouds with features [.., C], cameras) -> pictures [N, H, W, C]: points -> PointsRasterizer -> the weight
/// 1 - dists / radius^2 of each -> compositor. See PointsRasterizer for several cameras per cloud and for radii.
///
/// Differentiable by points, features and cameras. Errors: clouds without features; those of the parts.
class PointsRenderer : public ModuleOf<PointsRenderer> {
 public:
  PointsRenderer(std::shared_ptr<PointsRasterizer> rasterizer, std::shared_ptr<Compositor> compositor);

  at::Tensor forward(const Pointclouds& clouds, const Cameras& cameras, const at::Tensor& radii = {}) const;

  Child<PointsRasterizer> rasterizer;
  Child<Compositor> compositor;
};

}  // namespace bisque
