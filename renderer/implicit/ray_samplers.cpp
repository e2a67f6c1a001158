#include <ATen/ATen.h>

#include <algorithm>

#include <bisque/core/error.h>
#include <bisque/renderer/implicit/ray_samplers.h>

namespace bisque {
namespace {

using at::Tensor;

void check_sampling(const char* name, const RaySampling& sampling) {
  if (sampling.n_pts_per_ray < 0) {
    fail(name, ": expected n_pts_per_ray to be at least 0, but got ", sampling.n_pts_per_ray, ".");
  }
}

void check_draw(const char* name, const char* what, const Tensor& draw, at::IntArrayRef shape) {
  if (!draw.defined()) fail(name, ": expected random numbers ", what, " ", shape, ", but got none.");
  if (draw.sizes() != shape) {
    fail(name, ": expected random numbers ", what, " to have shape ", shape, ", but got ", draw.sizes(), ".");
  }
}

/// Lengths [n_pts_per_ray] moved to anywhere between the middles of their neighbours.
Tensor within_strata(const Tensor& lengths, const Tensor& draw) {
  const auto middles = (lengths.slice(0, 1) + lengths.slice(0, 0, -1)) / 2;
  const auto lower = at::cat({lengths.slice(0, 0, 1), middles}), upper = at::cat({middles, lengths.slice(0, -1)});
  return lower + (upper - lower) * draw;
}

/// Rays through xys [N, ..., 2].
RayBundle rays_through(const char* name, const Cameras& cameras, const Tensor& xys, const RaySampling& sampling,
                       const Tensor& draw) {
  at::DimVector shape(xys.sizes());
  const auto flat = xys.reshape({xys.size(0), -1, 2});
  const auto one = at::ones_like(flat.slice(2, 0, 1));
  // A ray is the line through two points, at the depths 1 and 2.
  const auto ends =
      cameras.unproject_points(at::cat({at::cat({flat, one}, 2), at::cat({flat, 2 * one}, 2)}, 1), {.from_ndc = true});
  const auto near = ends.slice(1, 0, flat.size(1)), far = ends.slice(1, flat.size(1));
  auto directions = far - near;
  shape.back() = 3;
  const auto origins = (near - directions).reshape(shape);
  if (sampling.unit_directions) directions = directions / directions.norm(2, 2, true).clamp_min(1e-12);
  auto lengths =
      at::linspace(sampling.min_depth, sampling.max_depth, sampling.n_pts_per_ray, xys.options().requires_grad(false));
  directions = directions.reshape(shape);
  shape.back() = sampling.n_pts_per_ray;
  if (sampling.stratified_sampling) {
    check_draw(name, "lengths", draw, shape);
    lengths = within_strata(lengths, draw.to(xys.options()));
  }
  return {origins, directions, lengths.expand(shape), xys};
}

/// The indices [N, n] of the pixels with the least exponential numbers, whose rates are the weights [N, pixels]: drawn
/// without repetition. Pixels without weight come last; in their place, the others begin again.
Tensor draw_pixels(const Tensor& random, const Tensor& weights, int64_t n) {
  auto numbers = -at::log1p(-random.to(weights.options()));
  numbers = at::where(weights > 0, numbers / weights, INFINITY);
  const auto order = std::get<1>(numbers.topk(n, 1, false, true));
  const auto places = at::arange(n, order.options()).remainder((weights > 0).sum(1, true).clamp_min(1));
  return order.gather(1, places);
}

Tensor grid_of(const RayGrid& grid) {
  if (grid.image_width < 1 || grid.image_height < 1) {
    fail("MultinomialRaysampler: expected an image_width and image_height of at least 1, but got ", grid.image_width,
         " and ", grid.image_height, ".");
  }
  const auto x = at::linspace(grid.min_x, grid.max_x, grid.image_width, at::kFloat);
  const auto y = at::linspace(grid.min_y, grid.max_y, grid.image_height, at::kFloat);
  const at::DimVector shape{grid.image_height, grid.image_width};
  return at::stack({x.expand(shape), y.unsqueeze(1).expand(shape)}, 2);
}

RayGrid ndc_grid(int64_t width, int64_t height) {
  const double shorter = static_cast<double>(std::min(width, height));
  const double x = static_cast<double>(width - 1) / shorter, y = static_cast<double>(height - 1) / shorter;
  return {.min_x = x, .max_x = -x, .min_y = y, .max_y = -y, .image_width = width, .image_height = height};
}

}  // namespace

MultinomialRaysampler::MultinomialRaysampler(const RayGrid& grid, const RaySampling& sampling_,
                                             std::optional<int64_t> n_rays_per_image_)
    : xy_grid(*this, "xy_grid", grid_of(grid), {.persistent = false}),
      sampling(sampling_),
      n_rays_per_image(n_rays_per_image_) {
  check_sampling("MultinomialRaysampler", sampling);
}

RayBundle MultinomialRaysampler::forward(const Cameras& cameras, const RayDraw& draw) const {
  constexpr const char* kName = "MultinomialRaysampler";
  const int64_t N = cameras.size(), height = xy_grid.size(0), width = xy_grid.size(1);
  auto xys = xy_grid.to(cameras.R.options().requires_grad(false)).expand({N, height, width, 2});
  if (!n_rays_per_image && !draw.mask.defined()) return rays_through(kName, cameras, xys, sampling, draw.lengths);
  auto weights = at::ones({1, 1}, xys.options()).expand({N, height * width});
  if (draw.mask.defined()) {
    if (draw.mask.sizes() != at::IntArrayRef({N, height, width})) {
      fail(kName, ": expected mask to have shape ", at::IntArrayRef({N, height, width}), ", but got ",
           draw.mask.sizes(), ".");
    }
    weights = draw.mask.reshape({N, -1}).to(xys.options());
  }
  const int64_t rays = n_rays_per_image ? *n_rays_per_image : N > 0 ? (weights > 0).sum(1).min().item<int64_t>() : 0;
  if (rays < 0 || rays > height * width) {
    fail(kName, ": expected n_rays_per_image to be from 0 to the ", height * width, " pixels, but got ", rays, ".");
  }
  check_draw(kName, "places", draw.places, {N, height * width});
  const auto pixels = draw_pixels(draw.places, weights, rays).unsqueeze(2).expand({N, rays, 2});
  xys = xys.reshape({N, -1, 2}).gather(1, pixels).unsqueeze(2);
  return rays_through(kName, cameras, xys, sampling, draw.lengths);
}

NDCMultinomialRaysampler::NDCMultinomialRaysampler(int64_t image_width, int64_t image_height,
                                                   const RaySampling& sampling_,
                                                   std::optional<int64_t> n_rays_per_image_)
    : ModuleOf(ndc_grid(image_width, image_height), sampling_, n_rays_per_image_) {}

MonteCarloRaysampler::MonteCarloRaysampler(const Area& area_, int64_t n_rays_per_image_, const RaySampling& sampling_)
    : area(area_), n_rays_per_image(n_rays_per_image_), sampling(sampling_) {
  check_sampling("MonteCarloRaysampler", sampling);
}

RayBundle MonteCarloRaysampler::forward(const Cameras& cameras, const RayDraw& draw) const {
  check_draw("MonteCarloRaysampler", "places", draw.places, {cameras.size(), n_rays_per_image, 2});
  const auto options = cameras.R.options().requires_grad(false);
  const auto low = at::tensor({area.min_x, area.min_y}, options), high = at::tensor({area.max_x, area.max_y}, options);
  const auto xys = low + (high - low) * draw.places.to(options);
  return rays_through("MonteCarloRaysampler", cameras, xys, sampling, draw.lengths);
}

}  // namespace bisque
