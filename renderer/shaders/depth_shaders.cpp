#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/sigmoid_blend/sigmoid_blend.h>
#include <bisque/renderer/shaders/depth_shaders.h>
#include <bisque/renderer/shaders/shading.h>

namespace bisque {
namespace {

double checked_sigma(const char* shader, double sigma) {
  if (!(sigma > 0)) fail(shader, ": expected sigma to be above 0, but got ", sigma, ".");
  return sigma;
}

/// [N, 1, 1, 1]
at::Tensor far_depth(const Fragments& fragments, const Scene& scene) {
  return depth_range(fragments, scene).second.view({-1, 1, 1, 1});
}

}  // namespace

at::Tensor HardDepthShader::forward(const Fragments& fragments, const Scene& scene) const {
  const Fragments nearest = nearest_of(fragments);
  return at::where(nearest.pix_to_face >= 0, nearest.zbuf, far_depth(nearest, scene));
}

SoftDepthShader::SoftDepthShader(double sigma) : sigma_(checked_sigma("SoftDepthShader", sigma)) {}

at::Tensor SoftDepthShader::forward(const Fragments& fragments, const Scene& scene) const {
  check_has_dists("SoftDepthShader", fragments);
  const at::Tensor is_face = fragments.pix_to_face >= 0;
  const at::Tensor covered = at::where(is_face, (-fragments.dists / sigma_).sigmoid(), 0.0);
  const at::Tensor filled = covered.cumsum(3).clamp_max(1);
  const at::Tensor before = at::constant_pad_nd(filled.narrow(3, 0, filled.size(3) - 1), {1, 0});
  const at::Tensor rest = 1 - filled.narrow(3, filled.size(3) - 1, 1);
  const at::Tensor depths = at::where(is_face, fragments.zbuf, 0.0);
  return ((filled - before) * depths).sum(3, /*keepdim=*/true) + rest * far_depth(fragments, scene);
}

SoftSilhouetteShader::SoftSilhouetteShader(double sigma) : sigma_(checked_sigma("SoftSilhouetteShader", sigma)) {}

at::Tensor SoftSilhouetteShader::forward(const Fragments& fragments, const Scene&) const {
  check_has_dists("SoftSilhouetteShader", fragments);
  const at::Tensor white = at::ones(fragments.bary_coords.sizes(), fragments.dists.options().requires_grad(false));
  return sigmoid_blend(white, fragments.pix_to_face, fragments.dists, sigma_);
}

}  // namespace bisque
