#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/renderer/points/compositors.h>

namespace bisque {
namespace {

/// A color of C channels.
at::Tensor color_of_channels(const at::Tensor& color, int64_t channels, const at::TensorOptions& options) {
  if (color.dim() == 0) return color.to(options).expand({channels});
  if (color.dim() == 1 && color.size(0) == channels) return color.to(options);
  if (color.dim() == 1 && color.size(0) + 1 == channels) return at::cat({color.to(options), at::ones({1}, options)});
  fail("Compositor: expected background_color to have shape [], [", channels, "] or [", channels - 1, "], but got ",
       color.sizes(), ".");
}

}  // namespace

at::Tensor Compositor::forward(const at::Tensor& points_idx, const at::Tensor& alphas,
                               const at::Tensor& features) const {
  const auto images = composite(features, alphas, points_idx, mode_);
  if (!background_color.defined()) return images;
  const auto color = color_of_channels(background_color, images.size(1), images.options());
  const auto is_background = points_idx.narrow(1, 0, std::min<int64_t>(1, points_idx.size(1))).lt(0).all(1, true);
  return at::where(is_background, color.view({1, -1, 1, 1}), images);
}

}  // namespace bisque
