#include <bisque/core/ops/cuda_glue.h>
#include <bisque/ops3d/blendshapes/blendshapes_backward_prepare.h>

#include <tuple>

namespace bisque {
namespace {

using op::Tensor;

std::tuple<Tensor, Tensor, Tensor> blendshapes_backward_cuda(const Tensor& grad_verts, const Tensor& coefficients,
                                                             const Tensor& neutral, const Tensor& deltas,
                                                             const Tensor& delta_shape, const Tensor& vert_first,
                                                             bool need_coefficients, bool need_neutral,
                                                             bool need_deltas) {
  const auto call = prepare_blendshapes_backward(grad_verts, coefficients, neutral, deltas, delta_shape, vert_first,
                                                 need_coefficients, need_neutral, need_deltas);
  const op::CudaScope scope(call.grad_verts);
  const int64_t chunks = need_coefficients ? blendshapes_cuda_chunks(neutral.size(0)) : 0;
  const Tensor sums = op::new_empty(call.coefficients, {chunks, coefficients.size(0), coefficients.size(1)});
  op::by_float_type(call.grad_verts, [&](auto zero) {
    using T = decltype(zero);
    blendshapes_backward_cuda_kernel(call.params<T>(), op::mutable_data<T>(sums), scope.stream());
  });
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return {call.grad_coefficients, call.grad_neutral, call.grad_deltas};
}

const op::Register blendshapes_backward({"bisque::_blendshapes_backward", BISQUE_KERNEL(blendshapes_backward_cuda)});
}  // namespace
}  // namespace bisque
