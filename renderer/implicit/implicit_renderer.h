// ImplicitRenderer and VolumeRenderer: pictures of fields.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <utility>

#include <bisque/core/nn/module.h>
#include <bisque/renderer/implicit/ray_samplers.h>
#include <bisque/renderer/implicit/raymarchers.h>
#include <bisque/renderer/implicit/volume_sampler.h>

namespace bisque {

/// densities [..., P, 1] and features [..., P, C] at the points of rays (ray_bundle_to_ray_points).
using VolumetricFunction =
    std::function<std::pair<at::Tensor, at::Tensor>(const RayBundle& rays, const Cameras& cameras)>;

/// cameras -> raysampler -> volumetric function -> raymarcher -> (pictures [N, ..., C'], the rays).
class ImplicitRenderer : public ModuleOf<ImplicitRenderer> {
 public:
  ImplicitRenderer(std::shared_ptr<Raysampler> raysampler, std::shared_ptr<Raymarcher> raymarcher);

  std::pair<at::Tensor, RayBundle> forward(const Cameras& cameras, const VolumetricFunction& volumetric_function,
                                           const RayDraw& draw = {}) const;

  Child<Raysampler> raysampler;
  Child<Raymarcher> raymarcher;
};

/// The same for Volumes. Their values are opacities per sample: the picture of a volume whose densities are not in [0,
/// 1] means nothing. See VolumeSampler for several cameras per volume.
class VolumeRenderer : public ModuleOf<VolumeRenderer> {
 public:
  VolumeRenderer(std::shared_ptr<Raysampler> raysampler, std::shared_ptr<Raymarcher> raymarcher,
                 const VolumeSamplerOptions& options = {});

  std::pair<at::Tensor, RayBundle> forward(const Cameras& cameras, const Volumes& volumes,
                                           const RayDraw& draw = {}) const;

  Child<ImplicitRenderer> renderer;

 private:
  VolumeSamplerOptions options_;
};

}  // namespace bisque
