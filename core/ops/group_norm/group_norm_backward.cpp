#include <bisque/core/ops/group_norm/group_norm_backward_prepare.h>
#include <bisque/core/ops/norm/norm_composed.h>

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

Gradients group_norm_backward_composed(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                       const OptionalTensor& bias, const Tensor&, const Tensor&, int64_t groups,
                                       double eps, bool need_x, bool need_weight, bool need_bias) {
  check_groups("_group_norm_backward", x, groups);
  const norm::Axes axes = {
      .sizes = {x.size(0), groups, x.size(1) / groups, norm::inner_of(x)}, .slice = {2, 3}, .repeat = {0, 3}};
  return norm::composed_backward(axes, grad_y, x, weight, bias, {}, eps, true, {need_x, need_weight, need_bias});
}

const op::Register group_norm_backward({
    .schema = "bisque::_group_norm_backward(Tensor grad_y, Tensor x, Tensor? weight, Tensor? bias, Tensor mean, Tensor "
              "var, int groups, float eps, bool need_grad_x, bool need_grad_weight, bool need_grad_bias)"
              " -> (Tensor grad_x, Tensor grad_weight, Tensor grad_bias)",
    .shapes = "-> grad_x as x if need_grad_x else [0], grad_weight as weight if need_grad_weight else [0],"
              " grad_bias as bias if need_grad_bias else [0]",
    .cpu = BISQUE_KERNEL(group_norm_backward_cpu),
    .meta = BISQUE_KERNEL(group_norm_backward_meta),
    .composed = BISQUE_KERNEL(group_norm_backward_composed),
});

}  // namespace
}  // namespace bisque
