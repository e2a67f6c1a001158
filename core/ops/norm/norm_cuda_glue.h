// How the CUDA implementations of the norms call their kernels.
#pragma once
#include <bisque/core/ops/cuda_glue.h>
#include <bisque/core/ops/norm/norm_cuda.h>
#include <bisque/core/ops/norm/norm_glue.h>

namespace bisque::norm {

inline Tensor cuda_scratch(const Tensor& x, const View& view) {
  return new_stats(x, view.values() == 0 ? 0 : CudaParts(view).scratch_doubles(view));
}

/// `call` has params<T>(); `x` is of its values.
template <class Call>
void forward_cuda(const Call& call, const Tensor& x, const op::CudaScope& scope) {
  const Tensor scratch = cuda_scratch(x, call.view);
  op::by_float_or_half_type(x, [&](auto zero) {
    forward_cuda_kernel(call.template params<decltype(zero)>(), op::mutable_data<double>(scratch), scope.stream());
  });
}

template <class Call>
void backward_cuda(const Call& call, const View& view, const Tensor& x, const op::CudaScope& scope) {
  const Tensor scratch = cuda_scratch(x, view);
  op::by_float_or_half_type(x, [&](auto zero) {
    backward_cuda_kernel(call.template params<decltype(zero)>(), op::mutable_data<double>(scratch), scope.stream());
  });
}

}  // namespace bisque::norm
