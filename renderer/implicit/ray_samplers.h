// Ray samplers: Modules that give the rays of cameras and the lengths at which a field is evaluated along them.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>

#include <bisque/core/nn/module.h>
#include <bisque/renderer/cameras/cameras.h>
#include <bisque/renderer/implicit/ray_bundle.h>

namespace bisque {

/// What differs from call to call. Random numbers are uniform in [0, 1), made by the caller (at::rand).
struct RayDraw {
  /// Which pixels: [N, H W] for n_rays_per_image rays of a grid; where: [N, n_rays_per_image, 2] for
  /// MonteCarloRaysampler.
  at::Tensor places;
  /// [N, ..., n_pts_per_ray], as lengths: for stratified_sampling.
  at::Tensor lengths;
  /// [N, H, W], of any dtype: how likely each pixel is drawn; undefined: all alike.
  at::Tensor mask;
};

/// The base of all ray samplers.
class Raysampler : public ModuleOf<Raysampler> {
 public:
  /// The rays of N cameras. Their tensors are [N, ..., size]; a direction is such that a length is a depth in view
  /// space, or with unit_directions a distance. Differentiable by the cameras.
  virtual RayBundle forward(const Cameras& cameras, const RayDraw& draw = {}) const = 0;

 protected:
  Raysampler() = default;
  Raysampler(const Raysampler&) = default;
};

/// How a ray is sampled.
struct RaySampling {
  int64_t n_pts_per_ray = 64;
  double min_depth = 0.1;
  double max_depth = 10;
  bool unit_directions = false;
  /// Lengths are drawn between the middles of the equal steps from min_depth to max_depth.
  bool stratified_sampling = false;
};

/// x and y in NDC of the first and the last column and row of a grid: the centers of pixels.
struct RayGrid {
  double min_x, max_x, min_y, max_y;
  int64_t image_width, image_height;
};

/// The rays of a grid of pixels: all, [N, H, W, ...], or with n_rays_per_image as many that are drawn, without
/// repetition while there are pixels with a mask above 0, [N, n_rays_per_image, 1, ...]. With a mask alone, as many as
/// the picture with the fewest pixels in it has. PyTorch3D's GridRaysampler is this one without draws.
///
/// Errors: a grid or number of points below 1 in size, draws of another shape or none where they are needed, more rays
/// than pixels.
class MultinomialRaysampler : public ModuleOf<MultinomialRaysampler, Raysampler> {
 public:
  MultinomialRaysampler(const RayGrid& grid, const RaySampling& sampling,
                        std::optional<int64_t> n_rays_per_image = std::nullopt);

  RayBundle forward(const Cameras& cameras, const RayDraw& draw = {}) const override;

  Buffer xy_grid;  // [H, W, 2]
  RaySampling sampling;
  std::optional<int64_t> n_rays_per_image;
};

/// The same for the pixels of a picture as the rasterizers have them: the shorter side spans [-1, 1].
class NDCMultinomialRaysampler : public ModuleOf<NDCMultinomialRaysampler, MultinomialRaysampler> {
 public:
  NDCMultinomialRaysampler(int64_t image_width, int64_t image_height, const RaySampling& sampling,
                           std::optional<int64_t> n_rays_per_image = std::nullopt);
};

/// Rays through random places of a rectangle in NDC, [N, n_rays_per_image, ...].
class MonteCarloRaysampler : public ModuleOf<MonteCarloRaysampler, Raysampler> {
 public:
  struct Area {
    double min_x = -1, max_x = 1, min_y = -1, max_y = 1;
  };
  MonteCarloRaysampler(const Area& area, int64_t n_rays_per_image, const RaySampling& sampling);

  RayBundle forward(const Cameras& cameras, const RayDraw& draw = {}) const override;

  Area area;
  int64_t n_rays_per_image;
  RaySampling sampling;
};

}  // namespace bisque
