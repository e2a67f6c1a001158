#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>

#include <algorithm>

#include <bisque/core/error.h>
#include <bisque/ops3d/functions/wmean.h>

namespace bisque {

at::Tensor wmean(const at::Tensor& x, const std::optional<at::Tensor>& weight, const WmeanOptions& options) {
  if (x.dim() < 2) fail("wmean: expected x to have shape [..., D] with two dimensions or more, but got ", x.sizes());
  const auto of_points = x.sizes().slice(0, x.dim() - 1);
  const auto of_weight = weight ? weight->sizes() : at::IntArrayRef();
  for (size_t i = 1; i <= std::min(of_points.size(), of_weight.size()); ++i) {
    const int64_t points = of_points[of_points.size() - i], weights = of_weight[of_weight.size() - i];
    if (points != weights && points != 1 && weights != 1) {
      fail("wmean: expected weight to broadcast with ", of_points, ", but got ", of_weight);
    }
  }
  const int64_t points = -2;
  const at::IntArrayRef dim = options.dim ? *options.dim : at::IntArrayRef(points);
  const auto given = weight ? weight->to(x.scalar_type()) : at::ones({1}, x.options());
  const auto weights = given.expand(at::infer_size(of_points, given.sizes())).unsqueeze(-1);
  const auto total = weights.sum(dim, options.keepdim).clamp_min(options.eps);
  return (x * weights).sum(dim, options.keepdim) / total;
}

}  // namespace bisque
