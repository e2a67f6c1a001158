// The Modules of points and fields by name, for the plugin renderer.
#include <ATen/ATen.h>

#include <bisque/plugins/renderer_points.h>
#include <bisque/renderer/implicit/harmonic_embedding.h>
#include <bisque/renderer/implicit/ray_samplers.h>
#include <bisque/renderer/implicit/raymarchers.h>
#include <bisque/renderer/points/compositors.h>
#include <bisque/renderer/points/points_rasterizer.h>

namespace bisque {
namespace {

std::shared_ptr<Module> make_points_rasterizer(const Config& config) {
  ConfigReader read("renderer.PointsRasterizer", config);
  RasterizePointsOptions options;
  options.height = read.get("height", options.height);
  options.width = read.get("width", options.width);
  options.radius = read.get("radius", options.radius);
  options.points_per_pixel = read.get("points_per_pixel", options.points_per_pixel);
  read.done();
  return std::make_shared<PointsRasterizer>(options);
}

template <class C>
ModuleFactory compositor_factory(const char* name) {
  return [name](const Config& config) -> std::shared_ptr<Module> {
    ConfigReader read(name, config);
    const auto background = read.get("background_color", std::vector<double>());
    read.done();
    CompositorOptions options;
    if (!background.empty()) options.background_color = at::tensor(background, at::kFloat);
    return std::make_shared<C>(options);
  };
}

RaySampling read_sampling(ConfigReader& read) {
  RaySampling sampling;
  sampling.n_pts_per_ray = read.get("n_pts_per_ray", sampling.n_pts_per_ray);
  sampling.min_depth = read.get("min_depth", sampling.min_depth);
  sampling.max_depth = read.get("max_depth", sampling.max_depth);
  sampling.unit_directions = read.get("unit_directions", sampling.unit_directions);
  sampling.stratified_sampling = read.get("stratified_sampling", sampling.stratified_sampling);
  return sampling;
}

std::shared_ptr<Module> make_ndc_raysampler(const Config& config) {
  ConfigReader read("renderer.NDCMultinomialRaysampler", config);
  const int64_t width = read.get("image_width", 256), height = read.get("image_height", 256);
  const int64_t n_rays = read.get("n_rays_per_image", 0);  // 0: all
  const RaySampling sampling = read_sampling(read);
  read.done();
  return std::make_shared<NDCMultinomialRaysampler>(width, height, sampling,
                                                    n_rays == 0 ? std::nullopt : std::optional(n_rays));
}

std::shared_ptr<Module> make_emission_absorption_raymarcher(const Config& config) {
  ConfigReader read("renderer.EmissionAbsorptionRaymarcher", config);
  const int64_t surface_thickness = read.get("surface_thickness", 1);
  const double eps = read.get("eps", 1e-10);
  read.done();
  return std::make_shared<EmissionAbsorptionRaymarcher>(surface_thickness, eps);
}

std::shared_ptr<Module> make_absorption_only_raymarcher(const Config& config) {
  ConfigReader("renderer.AbsorptionOnlyRaymarcher", config).done();
  return std::make_shared<AbsorptionOnlyRaymarcher>();
}

std::shared_ptr<Module> make_harmonic_embedding(const Config& config) {
  ConfigReader read("renderer.HarmonicEmbedding", config);
  HarmonicEmbeddingOptions options;
  options.n_harmonic_functions = read.get("n_harmonic_functions", options.n_harmonic_functions);
  options.omega_0 = read.get("omega_0", options.omega_0);
  options.logspace = read.get("logspace", options.logspace);
  options.append_input = read.get("append_input", options.append_input);
  read.done();
  return std::make_shared<HarmonicEmbedding>(options);
}

}  // namespace

void add_points_and_implicit(ModulePlugin& plugin) {
  plugin.add_module("renderer.PointsRasterizer", make_points_rasterizer);
  plugin.add_module("renderer.AlphaCompositor", compositor_factory<AlphaCompositor>("renderer.AlphaCompositor"));
  plugin.add_module("renderer.WeightedCompositor",
                    compositor_factory<WeightedCompositor>("renderer.WeightedCompositor"));
  plugin.add_module("renderer.NormWeightedCompositor",
                    compositor_factory<NormWeightedCompositor>("renderer.NormWeightedCompositor"));
  plugin.add_module("renderer.NDCMultinomialRaysampler", make_ndc_raysampler);
  plugin.add_module("renderer.EmissionAbsorptionRaymarcher", make_emission_absorption_raymarcher);
  plugin.add_module("renderer.AbsorptionOnlyRaymarcher", make_absorption_only_raymarcher);
  plugin.add_module("renderer.HarmonicEmbedding", make_harmonic_embedding);
}

}  // namespace bisque
