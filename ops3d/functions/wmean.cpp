#include <ATen/ATen.h>

#include <bisque/core/error.h>
#include <bisque/ops3d/functions/wmean.h>

namespace bisque {

at::Tensor wmean(const at::Tensor& x, const std::optional<at::Tensor>& weight, const WmeanOptions& options) {
  if (x.dim() < 2) fail("wmean: expected x to have shape [..., D] with two dimensions or more, but got ", x.sizes());
  const auto of_points = x.sizes().slice(0, x.dim() - 1);
  if (weight) {
    bool fits = weight->dim() <= x.dim() - 1;
    for (int64_t i = 1; fits && i <= weight->dim(); ++i) {
      fits = weight->size(-i) == 1 || weight->size(-i) == of_points[of_points.size() - i];
    }
    if (!fits) fail("wmean: expected weight to broadcast to ", of_points, ", but got ", weight->sizes());
  }
  const int64_t points = -2;
  const at::IntArrayRef dim = options.dim ? *options.dim : at::IntArrayRef(points);
  const auto weights =
      (weight ? weight->to(x.scalar_type()) : at::ones({1}, x.options())).expand(of_points).unsqueeze(-1);
  const auto total = weights.sum(dim, options.keepdim).clamp_min(options.eps);
  return (x * weights).sum(dim, options.keepdim) / total;
}

}  // namespace bisque
