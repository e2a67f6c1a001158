#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/softmax_blend/softmax_blend.h>
#include <bisque/renderer/batch/parameter_batch.h>
#include <bisque/renderer/shaders/hard_rgb_blend.h>
#include <bisque/renderer/shaders/shader.h>
#include <bisque/renderer/shaders/shading.h>

namespace bisque {

BlendingShader::BlendingShader(const BlendOptions& options)
    : background_color(*this, "background_color",
                       ParameterBatch("Shader", {{"background_color", options.background_color, 1}})
                           .get("background_color", options.background_color, {3})
                           .squeeze(0)),
      sigma_(options.sigma),
      gamma_(options.gamma) {
  if (!(sigma_ > 0 && gamma_ > 0)) {
    fail("Shader: expected sigma and gamma to be above 0, but got ", sigma_, " and ", gamma_, ".");
  }
}

at::Tensor BlendingShader::blend_hard(const at::Tensor& colors, const Fragments& fragments) const {
  return hard_rgb_blend(colors, fragments.pix_to_face, background_color.to(colors.options()));
}

at::Tensor BlendingShader::blend_soft(const at::Tensor& colors, const Fragments& fragments, const Scene& scene) const {
  check_has_dists("a soft shader", fragments);
  const auto [znear, zfar] = depth_range(fragments, scene);
  return softmax_blend(colors, fragments.pix_to_face, fragments.zbuf, fragments.dists,
                       background_color.to(colors.options()), znear, zfar, sigma_, gamma_);
}

}  // namespace bisque
