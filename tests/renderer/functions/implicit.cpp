#include <bisque/core/error.h>
#include <bisque/renderer/implicit/harmonic_embedding.h>
#include <bisque/renderer/implicit/implicit_renderer.h>
#include <bisque/tests/ops3d/functions/holder.h>

namespace bisque {
namespace {

using at::Tensor;
using MaybeTensor = std::optional<Tensor>;
using HeldVolumes = Held<Volumes>;
using AnyCameras = std::shared_ptr<Cameras>;
using Rays = std::tuple<Tensor, Tensor, Tensor, Tensor>;

RayBundle bundle_of(const std::vector<Tensor>& rays) { return {rays.at(0), rays.at(1), rays.at(2), rays.at(3)}; }
Rays rays_of(const RayBundle& rays) { return {rays.origins, rays.directions, rays.lengths, rays.xys}; }

RaySampling sampling_of(int64_t n_pts_per_ray, double min_depth, double max_depth, bool unit, bool stratified) {
  return {n_pts_per_ray, min_depth, max_depth, unit, stratified};
}

RayDraw draw_of(const MaybeTensor& places, const MaybeTensor& lengths, const MaybeTensor& mask) {
  return {tensor_or_none(places), tensor_or_none(lengths), tensor_or_none(mask)};
}

Rays ndc_rays(const Held<AnyCameras>& cameras, int64_t width, int64_t height, int64_t n_pts_per_ray, double min_depth,
              double max_depth, bool unit, bool stratified, std::optional<int64_t> n_rays, const MaybeTensor& places,
              const MaybeTensor& lengths, const MaybeTensor& mask) {
  const NDCMultinomialRaysampler sampler(width, height,
                                         sampling_of(n_pts_per_ray, min_depth, max_depth, unit, stratified), n_rays);
  return rays_of(sampler(*cameras->value, draw_of(places, lengths, mask)));
}

Rays grid_rays(const Held<AnyCameras>& cameras, const std::vector<double>& area, int64_t width, int64_t height) {
  const MultinomialRaysampler sampler({area.at(0), area.at(1), area.at(2), area.at(3), width, height},
                                      sampling_of(2, 1, 2, false, false));
  return rays_of(sampler.forward(*cameras->value));
}

Rays monte_carlo_rays(const Held<AnyCameras>& cameras, const std::vector<double>& area, int64_t n_rays,
                      int64_t n_pts_per_ray, bool stratified, const MaybeTensor& places, const MaybeTensor& lengths) {
  const MonteCarloRaysampler sampler({area.at(0), area.at(1), area.at(2), area.at(3)}, n_rays,
                                     sampling_of(n_pts_per_ray, 1, 3, false, stratified));
  return rays_of(sampler.forward(*cameras->value, draw_of(places, lengths, {})));
}

Tensor ray_points(const std::vector<Tensor>& rays) { return ray_bundle_to_ray_points(bundle_of(rays)); }

Tensor march_emission_absorption(const Tensor& densities, const Tensor& features, int64_t surface_thickness) {
  return EmissionAbsorptionRaymarcher(surface_thickness)(densities, features);
}

Tensor march_absorption(const Tensor& densities) { return AbsorptionOnlyRaymarcher().forward(densities); }

std::tuple<Tensor, int64_t> harmonic_embedding(const Tensor& x, int64_t n, double omega_0, bool logspace,
                                               bool append_input, const MaybeTensor& diag_cov) {
  HarmonicEmbedding embedding({n, omega_0, logspace, append_input});
  embedding.to(x.scalar_type());
  return {embedding.forward(x, tensor_or_none(diag_cov)), embedding.get_output_dim(x.size(-1))};
}

std::tuple<Tensor, Tensor> sample_volumes(const HeldVolumes& volumes, const std::vector<Tensor>& rays,
                                          const std::string& sample_mode, const std::string& padding_mode) {
  return VolumeSampler(volumes->value, {sample_mode, padding_mode})(bundle_of(rays));
}

Tensor render_volumes(const HeldVolumes& volumes, const Held<AnyCameras>& cameras, int64_t width, int64_t height,
                      int64_t n_pts_per_ray, double min_depth, double max_depth) {
  const VolumeRenderer renderer(
      std::make_shared<NDCMultinomialRaysampler>(width, height, RaySampling{n_pts_per_ray, min_depth, max_depth}),
      std::make_shared<EmissionAbsorptionRaymarcher>());
  return renderer.forward(*cameras->value, volumes->value).first;
}

/// A ball about the origin with this radius, opaque, with its points as features.
Tensor render_ball(const Held<AnyCameras>& cameras, int64_t width, int64_t height, double radius) {
  const ImplicitRenderer renderer(std::make_shared<NDCMultinomialRaysampler>(width, height, RaySampling{400, 1.0, 5.0}),
                                  std::make_shared<EmissionAbsorptionRaymarcher>());
  const auto ball = [radius](const RayBundle& rays, const Cameras&) {
    const auto points = ray_bundle_to_ray_points(rays);
    return std::pair(points.norm(2, -1, true).lt(radius).to(points.scalar_type()), points);
  };
  return renderer.forward(*cameras->value, ball).first;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(bisque_functions, library) {
  library.def("ndc_rays", &ndc_rays);
  library.def("grid_rays", &grid_rays);
  library.def("monte_carlo_rays", &monte_carlo_rays);
  library.def("ray_points", &ray_points);
  library.def("march_emission_absorption", &march_emission_absorption);
  library.def("march_absorption", &march_absorption);
  library.def("harmonic_embedding", &harmonic_embedding);
  library.def("sample_volumes", &sample_volumes);
  library.def("render_volumes", &render_volumes);
  library.def("render_ball", &render_ball);
}

}  // namespace bisque
