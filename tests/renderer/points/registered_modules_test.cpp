#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <bisque/core/error.h>
#include <bisque/core/registry/module_registry.h>
#include <bisque/renderer/implicit/harmonic_embedding.h>
#include <bisque/renderer/implicit/ray_samplers.h>
#include <bisque/renderer/implicit/raymarchers.h>
#include <bisque/renderer/points/compositors.h>
#include <bisque/renderer/points/points_rasterizer.h>
#include <bisque/tests/testing/errors.h>

namespace bisque {
namespace {

using test::error_of;

TEST(PointsAndImplicit, ModulesAreMadeByName) {
  const auto rasterizer = modules().make<PointsRasterizer>(
      "renderer.PointsRasterizer", {{"height", 5}, {"width", 7}, {"radius", 0.5}, {"points_per_pixel", 2}});
  EXPECT_EQ(rasterizer->options().height, 5);
  EXPECT_EQ(rasterizer->options().width, 7);
  EXPECT_EQ(rasterizer->options().radius, 0.5);
  EXPECT_EQ(rasterizer->options().points_per_pixel, 2);
  const auto alpha =
      modules().make<AlphaCompositor>("renderer.AlphaCompositor", {{"background_color", std::vector<double>{1, 0.5}}});
  EXPECT_EQ(alpha->background_color[1].item<float>(), 0.5f);
  EXPECT_FALSE(modules().make<NormWeightedCompositor>("renderer.NormWeightedCompositor")->background_color.defined());
  EXPECT_FALSE(modules().make<WeightedCompositor>("renderer.WeightedCompositor")->background_color.defined());
  const auto sampler = modules().make<NDCMultinomialRaysampler>(
      "renderer.NDCMultinomialRaysampler",
      {{"image_width", 4}, {"image_height", 3}, {"n_rays_per_image", 6}, {"n_pts_per_ray", 9}});
  EXPECT_EQ(sampler->xy_grid.sizes(), (at::IntArrayRef{3, 4, 2}));
  EXPECT_EQ(sampler->n_rays_per_image, 6);
  EXPECT_EQ(sampler->sampling.n_pts_per_ray, 9);
  EXPECT_EQ(modules()
                .make<EmissionAbsorptionRaymarcher>("renderer.EmissionAbsorptionRaymarcher", {{"surface_thickness", 2}})
                ->surface_thickness,
            2);
  EXPECT_NE(modules().make<AbsorptionOnlyRaymarcher>("renderer.AbsorptionOnlyRaymarcher"), nullptr);
  EXPECT_EQ(
      modules().make<HarmonicEmbedding>("renderer.HarmonicEmbedding", {{"n_harmonic_functions", 3}})->get_output_dim(),
      21);
}

TEST(PointsAndImplicit, UnknownSettingsAreErrors) {
  for (const char* name : {"PointsRasterizer", "AlphaCompositor", "NDCMultinomialRaysampler",
                           "EmissionAbsorptionRaymarcher", "AbsorptionOnlyRaymarcher", "HarmonicEmbedding"}) {
    const std::string full = std::string("renderer.") + name;
    EXPECT_NE(error_of([&] { modules().make(full, {{"blur", 1}}); }).find("blur"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace bisque
