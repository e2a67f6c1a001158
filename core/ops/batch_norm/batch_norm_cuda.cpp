#include <bisque/core/ops/batch_norm/batch_norm_backward_prepare.h>
#include <bisque/core/ops/batch_norm/batch_norm_cuda.h>
#include <bisque/core/ops/norm/norm_cuda_glue.h>

#include <tuple>

namespace bisque {
namespace {

using norm::OptionalTensor;
using op::Tensor;

void widen_running(const Tensor& running, const Tensor& stats, const op::CudaScope& scope) {
  op::by_float_or_half_type(running, [&](auto zero) {
    widen_cuda_kernel(op::data<decltype(zero)>(running), op::mutable_data<double>(stats), running.numel(),
                      scope.stream());
  });
}

std::tuple<Tensor, Tensor, Tensor> batch_norm_cuda(const Tensor& x, const OptionalTensor& weight,
                                                   const OptionalTensor& bias, const OptionalTensor& running_mean,
                                                   const OptionalTensor& running_var, bool training, double eps) {
  const auto call = prepare_batch_norm(x, weight, bias, running_mean, running_var, training, eps);
  const op::CudaScope scope(x);
  if (!training) {
    widen_running(*call.running_mean, call.mean, scope);
    widen_running(*call.running_var, call.var, scope);
  }
  norm::forward_cuda(call, x, scope);
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return {*call.y, call.mean, call.var};
}

std::tuple<Tensor, Tensor> batch_norm_stats_cuda(const Tensor& x) {
  const auto call = prepare_batch_norm_stats(x);
  const op::CudaScope scope(x);
  norm::forward_cuda(call, x, scope);
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return {call.mean, call.var};
}

norm::Gradients batch_norm_backward_cuda(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                         const OptionalTensor& bias, const Tensor& mean, const Tensor& var,
                                         bool training, double eps, bool need_x, bool need_weight, bool need_bias) {
  const auto call = prepare_batch_norm_backward("_batch_norm_backward", grad_y, x, weight, bias, mean, var, training,
                                                eps, {need_x, need_weight, need_bias});
  const op::CudaScope scope(x);
  norm::backward_cuda(call, call.view, x, scope);
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return call.gradients();
}

Tensor batch_norm_grad_sums_cuda(const Tensor& grad_y, const Tensor& x, const Tensor& mean, const Tensor& var,
                                 double eps) {
  const auto call = prepare_batch_norm_grad_sums(grad_y, x, mean, var, eps);
  const op::CudaScope scope(x);
  norm::backward_cuda(call, call.call.view, x, scope);
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return call.sums;
}

Tensor batch_norm_grad_input_cuda(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                  const Tensor& mean, const Tensor& var, const Tensor& sums, double count, double eps) {
  const auto call = prepare_batch_norm_grad_input(grad_y, x, weight, mean, var, sums, count, eps);
  const op::CudaScope scope(x);
  norm::backward_cuda(call, call.call.view, x, scope);
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return call.call.grad_x;
}

void update_running_stats_cuda(const Tensor& running_mean, const Tensor& running_var, const Tensor& mean,
                               const Tensor& var, double momentum, int64_t count) {
  const op::CudaScope scope(running_mean);
  running_stats_call(running_mean, running_var, mean, var, momentum, count,
                     [&](const RunningStatsParams& params, bool of_double) {
                       running_stats_cuda_kernel(params, of_double, scope.stream());
                     });
  STD_CUDA_KERNEL_LAUNCH_CHECK();
}

const op::Register batch_norm({"bisque::batch_norm", BISQUE_KERNEL(batch_norm_cuda)});
const op::Register batch_norm_stats({"bisque::_batch_norm_stats", BISQUE_KERNEL(batch_norm_stats_cuda)});
const op::Register batch_norm_backward({"bisque::_batch_norm_backward", BISQUE_KERNEL(batch_norm_backward_cuda)});
const op::Register batch_norm_grad_sums({"bisque::_batch_norm_grad_sums", BISQUE_KERNEL(batch_norm_grad_sums_cuda)});
const op::Register batch_norm_grad_input({"bisque::_batch_norm_grad_input", BISQUE_KERNEL(batch_norm_grad_input_cuda)});
const op::Register update_running_stats({"bisque::_update_running_stats", BISQUE_KERNEL(update_running_stats_cuda)});

}  // namespace
}  // namespace bisque
