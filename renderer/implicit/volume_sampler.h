// VolumeSampler: densities and features of Volumes along rays.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <utility>

#include <bisque/core/nn/module.h>
#include <bisque/ops3d/structures/volumes.h>
#include <bisque/renderer/implicit/ray_bundle.h>

namespace bisque {

struct VolumeSamplerOptions {
  std::string sample_mode = "bilinear";  // between the voxels around a point, or "nearest"
  std::string padding_mode = "zeros";    // outside of a volume; or "border" or "reflection", which a volume that is
                                         // smaller than others of its batch cannot have
};

/// Samples B volumes at the points of N rays: N is a multiple V of B, and rays V b to V (b + 1) - 1 see volume b.
///
///   forward  rays, tensors [N, ..., size] -> densities [N, ..., P, density channels],
///            features [N, ..., P, C] (C = 0 for volumes without)
///
/// Differentiable by volumes and rays. Errors: another mode; another dtype, device or number of rays.
class VolumeSampler : public ModuleOf<VolumeSampler> {
 public:
  explicit VolumeSampler(Volumes volumes, const VolumeSamplerOptions& options = {});

  std::pair<at::Tensor, at::Tensor> forward(const RayBundle& rays) const;

 private:
  Volumes volumes_;
  int64_t sample_mode_, padding_mode_;  // as at::grid_sampler takes them
};

}  // namespace bisque
