#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/shaders/hard_rgb_blend.h>

namespace bisque {

at::Tensor hard_rgb_blend(const at::Tensor& colors, const at::Tensor& pix_to_face, const at::Tensor& background_color) {
  const bool fits = pix_to_face.dim() == 4 && colors.dim() == 5 && colors.sizes().slice(0, 4) == pix_to_face.sizes() &&
                    colors.size(4) == 3 && background_color.sizes() == at::IntArrayRef{3};
  if (!fits) {
    fail("hard_rgb_blend: expected colors [N, H, W, K, 3], pix_to_face [N, H, W, K] and background_color [3], but got ",
         colors.sizes(), ", ", pix_to_face.sizes(), " and ", background_color.sizes(), ".");
  }
  if (pix_to_face.size(3) == 0) {
    const at::Tensor empty = at::constant_pad_nd(background_color, {0, 1});
    return empty.expand({colors.size(0), colors.size(1), colors.size(2), 4}).clone();
  }
  const at::Tensor is_face = pix_to_face.narrow(3, 0, 1) >= 0;
  return at::cat({at::where(is_face, colors.select(3, 0), background_color), is_face.to(colors.scalar_type())}, 3);
}

}  // namespace bisque
