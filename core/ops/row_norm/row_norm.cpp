#include <bisque/core/ops/row_norm/row_norm_prepare.h>

#include <tuple>

namespace bisque {
namespace {

using norm::OptionalTensor;
using op::Tensor;
using Results = std::tuple<Tensor, Tensor, Tensor>;

Results row_norm_cpu(const Tensor& x, const OptionalTensor& weight, const OptionalTensor& bias, int64_t size,
                     double eps, bool center) {
  const auto call = prepare_row_norm(x, weight, bias, size, eps, center);
  op::by_float_or_half_type(x, [&](auto zero) { norm::forward_cpu_kernel(call.params<decltype(zero)>()); });
  return {call.y, call.mean, call.var};
}

Results row_norm_meta(const Tensor& x, const OptionalTensor& weight, const OptionalTensor& bias, int64_t size,
                      double eps, bool center) {
  const auto call = prepare_row_norm(x, weight, bias, size, eps, center);
  return {call.y, call.mean, call.var};
}

const op::Register row_norm({
    .schema = "bisque::row_norm(Tensor x, Tensor? weight, Tensor? bias, int size, float eps, bool center=True)"
              " -> (Tensor y, Tensor mean, Tensor var)",
    .shapes = "x [...] -> y [...], mean float64 [numel(x) // size] if center else [0], var float64 [numel(x) // size]",
    .backward = "bisque::_row_norm_backward",
    .cpu = BISQUE_KERNEL(row_norm_cpu),
    .meta = BISQUE_KERNEL(row_norm_meta),
});

}  // namespace
}  // namespace bisque
