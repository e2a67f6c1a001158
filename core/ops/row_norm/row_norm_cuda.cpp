#include <bisque/core/ops/norm/norm_cuda_glue.h>
#include <bisque/core/ops/row_norm/row_norm_backward_prepare.h>

#include <tuple>

namespace bisque {
namespace {

using norm::OptionalTensor;
using op::Tensor;

std::tuple<Tensor, Tensor, Tensor> row_norm_cuda(const Tensor& x, const OptionalTensor& weight,
                                                 const OptionalTensor& bias, int64_t size, double eps, bool center) {
  const auto call = prepare_row_norm(x, weight, bias, size, eps, center);
  const op::CudaScope scope(x);
  norm::forward_cuda(call, x, scope);
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return {call.y, call.mean, call.var};
}

norm::Gradients row_norm_backward_cuda(const Tensor& grad_y, const Tensor& x, const OptionalTensor& weight,
                                       const OptionalTensor& bias, const Tensor& mean, const Tensor& var, int64_t size,
                                       double eps, bool center, bool need_x, bool need_weight, bool need_bias) {
  const auto call = prepare_row_norm_backward(grad_y, x, weight, bias, mean, var, size, eps, center,
                                              {need_x, need_weight, need_bias});
  const op::CudaScope scope(x);
  norm::backward_cuda(call, call.view, x, scope);
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return call.gradients();
}

const op::Register row_norm({"bisque::row_norm", BISQUE_KERNEL(row_norm_cuda)});
const op::Register row_norm_backward({"bisque::_row_norm_backward", BISQUE_KERNEL(row_norm_backward_cuda)});

}  // namespace
}  // namespace bisque
