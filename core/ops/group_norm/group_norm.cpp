#include <bisque/core/ops/group_norm/group_norm_prepare.h>

#include <tuple>

namespace bisque {
namespace {

using norm::OptionalTensor;
using op::Tensor;
using Results = std::tuple<Tensor, Tensor, Tensor>;

Results group_norm_cpu(const Tensor& x, const OptionalTensor& weight, const OptionalTensor& bias, int64_t groups,
                       double eps) {
  const auto call = prepare_group_norm(x, weight, bias, groups, eps);
  op::by_float_or_half_type(x, [&](auto zero) { norm::forward_cpu_kernel(call.params<decltype(zero)>()); });
  return {call.y, call.mean, call.var};
}

Results group_norm_meta(const Tensor& x, const OptionalTensor& weight, const OptionalTensor& bias, int64_t groups,
                        double eps) {
  const auto call = prepare_group_norm(x, weight, bias, groups, eps);
  return {call.y, call.mean, call.var};
}

const op::Register group_norm({
    .schema = "bisque::group_norm(Tensor x, Tensor? weight, Tensor? bias, int groups, float eps)"
              " -> (Tensor y, Tensor mean, Tensor var)",
    .shapes = "-> y as x, mean float64 [size(x, 0) * groups], var float64 [size(x, 0) * groups]",
    .backward = "bisque::_group_norm_backward",
    .cpu = BISQUE_KERNEL(group_norm_cpu),
    .meta = BISQUE_KERNEL(group_norm_meta),
});

}  // namespace
}  // namespace bisque
