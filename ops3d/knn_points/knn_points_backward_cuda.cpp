#include <tuple>

#include <bisque/core/ops/cuda_glue.h>
#include <bisque/ops3d/knn_points/knn_points_backward_prepare.h>

namespace bisque {
namespace {

using op::Tensor;
using Lengths = std::optional<Tensor>;

std::tuple<Tensor, Tensor> knn_points_backward_cuda(const Tensor& grad_dists, const Tensor& p1, const Tensor& p2,
                                                    const Lengths& lengths1, const Lengths& lengths2, const Tensor& idx,
                                                    int64_t norm, bool need_p1, bool need_p2) {
  const auto call = prepare_knn_points_backward(grad_dists, p1, p2, lengths1, lengths2, idx, norm, need_p1, need_p2);
  const op::CudaScope scope(call.grad_dists);
  op::by_float_type(call.grad_dists,
                    [&](auto zero) { knn_points_backward_cuda_kernel(call.params<decltype(zero)>(), scope.stream()); });
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return {call.grad_p1, call.grad_p2};
}

const op::Register knn_points_backward({"bisque::_knn_points_backward", BISQUE_KERNEL(knn_points_backward_cuda)});
}  // namespace
}  // namespace bisque
