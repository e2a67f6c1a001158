#include <bisque/core/ops/norm/norm_composed.h>

#include <torch/csrc/stable/c/shim.h>

#include <array>
#include <optional>

namespace bisque::norm {
namespace {

using op::IntHeaderOnlyArrayRef;
using Sizes = std::vector<int64_t>;

/// Calls an operator of ATen through the dispatcher, which records its gradient.
template <class... Arguments>
Tensor aten(const char* name, const char* overload, const Arguments&... arguments) {
  std::array<StableIValue, sizeof...(Arguments)> stack{torch::stable::detail::from(arguments)...};
  STABLE_TORCH_ERROR_CODE_CHECK(torch_call_dispatcher(name, overload, stack.data(), TORCH_ABI_VERSION));
  return torch::stable::detail::to<Tensor>(stack[0]);
}

Tensor plus(const Tensor& a, const Tensor& b) { return torch::stable::subtract(a, b, -1); }
Tensor minus(const Tensor& a, const Tensor& b) { return torch::stable::subtract(a, b); }
Tensor times(const Tensor& a, const Tensor& b) { return aten("aten::mul", "Tensor", a, b); }

Tensor inverse_root(const Tensor& var, double eps) {
  const Tensor scalar = torch::stable::full({}, eps, ScalarType::Double);
  return aten("aten::rsqrt", "", plus(var, scalar));
}

Tensor mean_over(const Tensor& tensor, const Sizes& dims) {
  return aten("aten::mean", "dim", tensor, std::optional(IntHeaderOnlyArrayRef(dims)), true,
              std::optional<ScalarType>());
}

/// `sizes` with 1 in these dimensions.
Sizes reduced(Sizes sizes, const Sizes& dims) {
  for (const int64_t dim : dims) sizes[static_cast<size_t>(dim)] = 1;
  return sizes;
}

Tensor reshaped(const Tensor& tensor, IntHeaderOnlyArrayRef sizes, ScalarType dtype) {
  return torch::stable::reshape(torch::stable::to(tensor, dtype), sizes);
}

/// The sum of what reached each weight, in its form.
Tensor of_weight(const Tensor& gradient, const Axes& axes, const Tensor& weight) {
  const Tensor sum = torch::stable::sum(gradient, IntHeaderOnlyArrayRef(axes.repeat));
  return reshaped(sum, weight.sizes(), weight.scalar_type());
}

}  // namespace

Gradients composed_backward(const Axes& axes, const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                            const OptionalTensor& bias, const std::optional<GivenStats>& given, double eps, bool center,
                            const Needs& needs) {
  const ScalarType wide = x.scalar_type() == ScalarType::Double ? ScalarType::Double : ScalarType::Float;
  const Sizes stats_sizes = reduced(axes.sizes, axes.slice), weight_sizes = reduced(axes.sizes, axes.repeat);
  const auto mean = [&](const Tensor& tensor) { return mean_over(tensor, axes.slice); };

  Tensor deviations = reshaped(x, axes.sizes, wide);
  if (given) {
    deviations = minus(deviations, reshaped(given->mean, stats_sizes, wide));
  } else if (center) {
    deviations = minus(deviations, mean(deviations));
    deviations = minus(deviations, mean(deviations));  // what rounding left of a large mean
  }
  const Tensor var = given ? reshaped(given->var, stats_sizes, wide) : mean(times(deviations, deviations));
  const Tensor scale = inverse_root(var, eps), normalized = times(deviations, scale);

  const Tensor grad = reshaped(grad_y, axes.sizes, wide);
  Tensor grad_x = none_like(x);
  if (needs.x) {
    Tensor part = weight ? times(grad, reshaped(*weight, weight_sizes, wide)) : grad;
    if (!given) {
      Tensor common = times(normalized, mean(times(part, normalized)));
      if (center) common = plus(common, mean(part));
      part = minus(part, common);
    }
    grad_x = reshaped(times(part, scale), x.sizes(), x.scalar_type());
  }
  return {grad_x, needs.weight && weight ? of_weight(times(grad, normalized), axes, *weight) : none_like(x),
          needs.bias && bias ? of_weight(grad, axes, *bias) : none_like(x)};
}

}  // namespace bisque::norm
