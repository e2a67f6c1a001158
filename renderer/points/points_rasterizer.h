// PointsRasterizer: the op rasterize_points as a Module for Pointclouds and Cameras.
#pragma once
#include <ATen/core/Tensor.h>

#include <bisque/core/nn/module.h>
#include <bisque/ops3d/rasterize_points/rasterize_points.h>
#include <bisque/ops3d/structures/pointclouds.h>
#include <bisque/renderer/cameras/cameras.h>

namespace bisque {

/// The result of rasterize_points per pixel; empty entries are -1.
struct PointFragments {
  at::Tensor idx;    // [N, H, W, K] int64, index into the packed points of the clouds
  at::Tensor zbuf;   // [N, H, W, K] depth in view space
  at::Tensor dists;  // [N, H, W, K] squared distance in NDC
};

/// B clouds seen by N cameras: N is a multiple V of B, and cameras V b to V (b + 1) - 1 see cloud b. No point is
/// copied: each picture has projected positions of its own, and all have the features of the B clouds.
///
///   forward  clouds, cameras, radii [sum P] in place of options().radius, or undefined -> PointFragments
///
/// Differentiable by points and cameras. Errors: those of Cameras and rasterize_points; radii of another shape.
class PointsRasterizer : public ModuleOf<PointsRasterizer> {
 public:
  explicit PointsRasterizer(const RasterizePointsOptions& options = {}) : options_(options) {}

  PointFragments forward(const Pointclouds& clouds, const Cameras& cameras, const at::Tensor& radii = {}) const;
  /// The same with points that are projected already: `positions` [N, max P, 3] are x and y in NDC and z in view space,
  /// picture n of cloud n / (N / B), and 0 or anything after the points of a cloud.
  PointFragments rasterize(const Pointclouds& clouds, const at::Tensor& positions, const at::Tensor& radii = {}) const;

  const RasterizePointsOptions& options() const { return options_; }
  RasterizePointsOptions& options() { return options_; }

 private:
  RasterizePointsOptions options_;
};

}  // namespace bisque
