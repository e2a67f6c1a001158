#include <bisque/core/ops/norm/norm_composed.h>
#include <bisque/core/ops/row_norm/row_norm_backward_prepare.h>

namespace bisque {
namespace {

using norm::Gradients;
using norm::OptionalTensor;
using op::Tensor;

Gradients row_norm_backward_cpu(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                const OptionalTensor& bias, const Tensor& mean, const Tensor& var, int64_t size,
                                double eps, bool center, bool need_x, bool need_weight, bool need_bias) {
  const auto call = prepare_row_norm_backward(grad_y, x, weight, bias, mean, var, size, eps, center,
                                              {need_x, need_weight, need_bias});
  op::by_float_or_half_type(x, [&](auto zero) { norm::backward_cpu_kernel(call.params<decltype(zero)>()); });
  return call.gradients();
}

Gradients row_norm_backward_meta(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                 const OptionalTensor& bias, const Tensor& mean, const Tensor& var, int64_t size,
                                 double eps, bool center, bool need_x, bool need_weight, bool need_bias) {
  return prepare_row_norm_backward(grad_y, x, weight, bias, mean, var, size, eps, center,
                                   {need_x, need_weight, need_bias})
      .gradients();
}

Gradients row_norm_backward_composed(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                     const OptionalTensor& bias, const Tensor&, const Tensor&, int64_t size, double eps,
                                     bool center, bool need_x, bool need_weight, bool need_bias) {
  const norm::Axes axes = {.sizes = {rows_of("_row_norm_backward", x, size), size}, .slice = {1}, .repeat = {0}};
  return norm::composed_backward(axes, grad_y, x, weight, bias, {}, eps, center, {need_x, need_weight, need_bias});
}

const op::Register row_norm_backward({
    .schema = "bisque::_row_norm_backward(Tensor grad_y, Tensor x, Tensor? weight, Tensor? bias, Tensor mean, Tensor "
              "var, int size, float eps, bool center, bool need_grad_x, bool need_grad_weight, bool need_grad_bias)"
              " -> (Tensor grad_x, Tensor grad_weight, Tensor grad_bias)",
    .shapes = "x [...] -> grad_x [...] if need_grad_x else [0], grad_weight as weight if need_grad_weight else [0],"
              " grad_bias as bias if need_grad_bias else [0]",
    .cpu = BISQUE_KERNEL(row_norm_backward_cpu),
    .meta = BISQUE_KERNEL(row_norm_backward_meta),
    .composed = BISQUE_KERNEL(row_norm_backward_composed),
});

}  // namespace
}  // namespace bisque
