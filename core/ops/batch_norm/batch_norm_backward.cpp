#include <bisque/core/ops/batch_norm/batch_norm_backward_prepare.h>
#include <bisque/core/ops/norm/norm_composed.h>

namespace bisque {
namespace {

using norm::Gradients;
using norm::OptionalTensor;
using op::Tensor;

Gradients batch_norm_backward_cpu(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                  const OptionalTensor& bias, const Tensor& mean, const Tensor& var, bool training,
                                  double eps, bool need_x, bool need_weight, bool need_bias) {
  const auto call = prepare_batch_norm_backward("_batch_norm_backward", grad_y, x, weight, bias, mean, var, training,
                                                eps, {need_x, need_weight, need_bias});
  op::by_float_or_half_type(x, [&](auto zero) { norm::backward_cpu_kernel(call.params<decltype(zero)>()); });
  return call.gradients();
}

Gradients batch_norm_backward_meta(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                   const OptionalTensor& bias, const Tensor& mean, const Tensor& var, bool training,
                                   double eps, bool need_x, bool need_weight, bool need_bias) {
  return prepare_batch_norm_backward("_batch_norm_backward", grad_y, x, weight, bias, mean, var, training, eps,
                                     {need_x, need_weight, need_bias})
      .gradients();
}

Gradients batch_norm_backward_composed(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                       const OptionalTensor& bias, const Tensor& mean, const Tensor& var, bool training,
                                       double eps, bool need_x, bool need_weight, bool need_bias) {
  norm::check_channels("_batch_norm_backward", x);
  const norm::Axes axes = {.sizes = {x.size(0), x.size(1), norm::inner_of(x)}, .slice = {0, 2}, .repeat = {0, 2}};
  const auto given = training ? std::nullopt : std::optional(norm::GivenStats{mean, var});
  return norm::composed_backward(axes, grad_y, x, weight, bias, given, eps, true, {need_x, need_weight, need_bias});
}

const op::Register batch_norm_backward({
    .schema = "bisque::_batch_norm_backward(Tensor grad_y, Tensor x, Tensor? weight, Tensor? bias, Tensor mean, Tensor "
              "var, bool training, float eps, bool need_grad_x, bool need_grad_weight, bool need_grad_bias)"
              " -> (Tensor grad_x, Tensor grad_weight, Tensor grad_bias)",
    .shapes = "-> grad_x as x if need_grad_x else [0], grad_weight as weight if need_grad_weight else [0],"
              " grad_bias as bias if need_grad_bias else [0]",
    .cpu = BISQUE_KERNEL(batch_norm_backward_cpu),
    .meta = BISQUE_KERNEL(batch_norm_backward_meta),
    .composed = BISQUE_KERNEL(batch_norm_backward_composed),
});

Tensor batch_norm_grad_sums_cpu(const Tensor& grad_y, const Tensor& x, const Tensor& mean, const Tensor& var,
                                double eps) {
  const auto call = prepare_batch_norm_grad_sums(grad_y, x, mean, var, eps);
  op::by_float_or_half_type(x, [&](auto zero) { norm::backward_cpu_kernel(call.params<decltype(zero)>()); });
  return call.sums;
}

Tensor batch_norm_grad_sums_meta(const Tensor& grad_y, const Tensor& x, const Tensor& mean, const Tensor& var,
                                 double eps) {
  return prepare_batch_norm_grad_sums(grad_y, x, mean, var, eps).sums;
}

const op::Register batch_norm_grad_sums({
    .schema = "bisque::_batch_norm_grad_sums(Tensor grad_y, Tensor x, Tensor mean, Tensor var, float eps)"
              " -> Tensor sums",
    .shapes = "-> sums float64 [2, size(x, 1)]",
    .cpu = BISQUE_KERNEL(batch_norm_grad_sums_cpu),
    .meta = BISQUE_KERNEL(batch_norm_grad_sums_meta),
});

Tensor batch_norm_grad_input_cpu(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                 const Tensor& mean, const Tensor& var, const Tensor& sums, double count, double eps) {
  const auto call = prepare_batch_norm_grad_input(grad_y, x, weight, mean, var, sums, count, eps);
  op::by_float_or_half_type(x, [&](auto zero) { norm::backward_cpu_kernel(call.params<decltype(zero)>()); });
  return call.call.grad_x;
}

Tensor batch_norm_grad_input_meta(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                  const Tensor& mean, const Tensor& var, const Tensor& sums, double count, double eps) {
  return prepare_batch_norm_grad_input(grad_y, x, weight, mean, var, sums, count, eps).call.grad_x;
}

const op::Register batch_norm_grad_input({
    .schema = "bisque::_batch_norm_grad_input(Tensor grad_y, Tensor x, Tensor? weight, Tensor mean, Tensor var, "
              "Tensor sums, float count, float eps) -> Tensor grad_x",
    .shapes = "-> grad_x as x",
    .cpu = BISQUE_KERNEL(batch_norm_grad_input_cpu),
    .meta = BISQUE_KERNEL(batch_norm_grad_input_meta),
});

}  // namespace
}  // namespace bisque
