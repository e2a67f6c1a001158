// The Modules of points and fields by name, for the plugin renderer.
#include <ATen/ATen.h>

#include <bisque/plugins/option_tensors.h>
#include <bisque/plugins/renderer_points.h>
#include <bisque/renderer/implicit/harmonic_embedding.h>
#include <bisque/renderer/implicit/ray_samplers.h>
#include <bisque/renderer/implicit/raymarchers.h>
#include <bisque/renderer/points/compositors.h>
#include <bisque/renderer/points/points_rasterizer.h>
#include <bisque/renderer/points/points_renderer.h>

namespace bisque {
namespace {

struct NdcRays {
  int64_t image_width = 256, image_height = 256;
  std::optional<int64_t> n_rays_per_image;  // none, or 0: all
  RaySampling sampling;
};

void describe(OptionFields& fields, NdcRays& rays) {
  fields("image_width", rays.image_width);
  fields("image_height", rays.image_height);
  fields("n_rays_per_image", rays.n_rays_per_image);
  fields("n_pts_per_ray", rays.sampling.n_pts_per_ray);
  fields("min_depth", rays.sampling.min_depth);
  fields("max_depth", rays.sampling.max_depth);
  fields("unit_directions", rays.sampling.unit_directions);
  fields("stratified_sampling", rays.sampling.stratified_sampling);
}

struct EmissionAbsorption {
  int64_t surface_thickness = 1;
  double eps = 1e-10;
};

void describe(OptionFields& fields, EmissionAbsorption& options) {
  fields("surface_thickness", options.surface_thickness);
  fields("eps", options.eps);
}

/// The settings compositor.NAME are those of the Module `compositor`.
struct NamedPointsRenderer {
  std::string compositor = "renderer.AlphaCompositor";
  Config of_compositor;
  RasterizePointsOptions rasterizer;
};

}  // namespace

void describe(OptionFields& fields, RasterizePointsOptions& options) {
  fields("height", options.height);
  fields("width", options.width);
  fields("radius", options.radius);
  fields("points_per_pixel", options.points_per_pixel);
}

namespace {

void describe(OptionFields& fields, NamedPointsRenderer& renderer) {
  fields("compositor", renderer.compositor);
  fields.others("compositor", renderer.of_compositor);
  fields.nested("rasterizer", renderer.rasterizer);
}

}  // namespace

void describe(OptionFields& fields, CompositorOptions& options) {
  fields("background_color", options.background_color);
}

void describe(OptionFields& fields, HarmonicEmbeddingOptions& options) {
  fields("n_harmonic_functions", options.n_harmonic_functions);
  fields("omega_0", options.omega_0);
  fields("logspace", options.logspace);
  fields("append_input", options.append_input);
}

void add_points_and_implicit(ModulePlugin& plugin) {
  plugin.add_module<RasterizePointsOptions, PointsRasterizer>("renderer.PointsRasterizer");
  plugin.add_module<NamedPointsRenderer>("renderer.PointsRenderer", [](const NamedPointsRenderer& named) {
    const auto rasterizer =
        std::make_shared<OfOptions<PointsRasterizer, RasterizePointsOptions>>(named.rasterizer, named.rasterizer);
    return std::make_shared<PointsRenderer>(rasterizer,
                                            modules().make<Compositor>(named.compositor, named.of_compositor));
  });
  plugin.add_module<CompositorOptions, AlphaCompositor>("renderer.AlphaCompositor");
  plugin.add_module<CompositorOptions, WeightedCompositor>("renderer.WeightedCompositor");
  plugin.add_module<CompositorOptions, NormWeightedCompositor>("renderer.NormWeightedCompositor");
  plugin.add_module<NdcRays, NDCMultinomialRaysampler>("renderer.NDCMultinomialRaysampler", [](const NdcRays& rays) {
    const bool all = rays.n_rays_per_image.value_or(0) == 0;
    return std::tuple(rays.image_width, rays.image_height, rays.sampling, all ? std::nullopt : rays.n_rays_per_image);
  });
  plugin.add_module<EmissionAbsorption, EmissionAbsorptionRaymarcher>(
      "renderer.EmissionAbsorptionRaymarcher",
      [](const EmissionAbsorption& options) { return std::tuple(options.surface_thickness, options.eps); });
  plugin.add_module<NoOptions, AbsorptionOnlyRaymarcher>("renderer.AbsorptionOnlyRaymarcher", no_arguments);
  plugin.add_module<HarmonicEmbeddingOptions, HarmonicEmbedding>("renderer.HarmonicEmbedding");
}

}  // namespace bisque
