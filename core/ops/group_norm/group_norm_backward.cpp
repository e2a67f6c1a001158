#include <bisque/core/ops/group_norm/group_norm_backward_prepare.h>

namespace bisque {
namespace {

using norm::Gradients;
using norm::OptionalTensor;
using op::Tensor;

Gradients group_norm_backward_cpu(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                  const OptionalTensor& bias, const Tensor& mean, const Tensor& var, int64_t groups,
                                  double eps, bool need_x, bool need_weight, bool need_bias) {
  const auto call =
      prepare_group_norm_backward(grad_y, x, weight, bias, mean, var, groups, eps, {need_x, need_weight, need_bias});
  op::by_float_or_half_type(x, [&](auto zero) { norm::backward_cpu_kernel(call.params<decltype(zero)>()); });
  return call.gradients();
}

Gradients group_norm_backward_meta(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                   const OptionalTensor& bias, const Tensor& mean, const Tensor& var, int64_t groups,
                                   double eps, bool need_x, bool need_weight, bool need_bias) {
  return prepare_group_norm_backward(grad_y, x, weight, bias, mean, var, groups, eps, {need_x, need_weight, need_bias})
      .gradients();
}

const op::Register group_norm_backward({
    .schema = "bisque::_group_norm_backward(Tensor grad_y, Tensor x, Tensor? weight, Tensor? bias, Tensor mean, Tensor "
              "var, int groups, float eps, bool need_grad_x, bool need_grad_weight, bool need_grad_bias)"
              " -> (Tensor grad_x, Tensor grad_weight, Tensor grad_bias)",
    .shapes = "-> grad_x as x if need_grad_x else [0], grad_weight as weight if need_grad_weight else [0],"
              " grad_bias as bias if need_grad_bias else [0]",
    .cpu = BISQUE_KERNEL(group_norm_backward_cpu),
    .meta = BISQUE_KERNEL(group_norm_backward_meta),
});

}  // namespace
}  // namespace bisque
