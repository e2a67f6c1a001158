#include <bisque/renderer/implicit/implicit_renderer.h>

#include <ATen/ATen.h>

#include <bisque/core/error.h>

namespace bisque {

ImplicitRenderer::ImplicitRenderer(std::shared_ptr<Raysampler> raysampler_, std::shared_ptr<Raymarcher> raymarcher_)
    : raysampler(*this, "raysampler", std::move(raysampler_)),
      raymarcher(*this, "raymarcher", std::move(raymarcher_)) {}

std::pair<at::Tensor, RayBundle> ImplicitRenderer::forward(const Cameras& cameras,
                                                           const VolumetricFunction& volumetric_function,
                                                           const RayDraw& draw) const {
  if (!volumetric_function) fail("ImplicitRenderer: expected a volumetric_function, but got none.");
  RayBundle rays = raysampler(cameras, draw);
  const auto [densities, features] = volumetric_function(rays, cameras);
  return {raymarcher(densities, features), std::move(rays)};
}

VolumeRenderer::VolumeRenderer(std::shared_ptr<Raysampler> raysampler, std::shared_ptr<Raymarcher> raymarcher,
                               const VolumeSamplerOptions& options)
    : renderer(*this, "renderer", std::move(raysampler), std::move(raymarcher)), options_(options) {}

std::pair<at::Tensor, RayBundle> VolumeRenderer::forward(const Cameras& cameras, const Volumes& volumes,
                                                         const RayDraw& draw) const {
  const VolumeSampler sampler(volumes, options_);
  return renderer->forward(
      cameras, [&](const RayBundle& rays, const Cameras&) { return sampler(rays); }, draw);
}

}  // namespace bisque
