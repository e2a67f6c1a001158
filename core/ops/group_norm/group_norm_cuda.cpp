#include <bisque/core/ops/group_norm/group_norm_backward_prepare.h>
#include <bisque/core/ops/norm/norm_cuda_glue.h>

#include <tuple>

namespace bisque {
namespace {

using norm::OptionalTensor;
using op::Tensor;

std::tuple<Tensor, Tensor, Tensor> group_norm_cuda(const Tensor& x, const OptionalTensor& weight,
                                                   const OptionalTensor& bias, int64_t groups, double eps) {
  const auto call = prepare_group_norm(x, weight, bias, groups, eps);
  const op::CudaScope scope(x);
  norm::forward_cuda(call, x, scope);
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return {call.y, call.mean, call.var};
}

norm::Gradients group_norm_backward_cuda(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                         const OptionalTensor& bias, const Tensor& mean, const Tensor& var,
                                         int64_t groups, double eps, bool need_x, bool need_weight, bool need_bias) {
  const auto call =
      prepare_group_norm_backward(grad_y, x, weight, bias, mean, var, groups, eps, {need_x, need_weight, need_bias});
  const op::CudaScope scope(x);
  norm::backward_cuda(call, call.view, x, scope);
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return call.gradients();
}

const op::Register group_norm({"bisque::group_norm", BISQUE_KERNEL(group_norm_cuda)});
const op::Register group_norm_backward({"bisque::_group_norm_backward", BISQUE_KERNEL(group_norm_backward_cuda)});

}  // namespace
}  // namespace bisque
