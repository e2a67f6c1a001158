#include <bisque/core/ops/cuda_glue.h>
#include <bisque/ops3d/blendshapes/blendshapes_prepare.h>

namespace bisque {
namespace {

using op::Tensor;

Tensor blendshapes_cuda(const Tensor& coefficients, const Tensor& neutral, const Tensor& deltas,
                        const Tensor& delta_shape, const Tensor& vert_first) {
  const auto call = prepare_blendshapes(coefficients, neutral, deltas, delta_shape, vert_first);
  const op::CudaScope scope(call.verts);
  op::by_float_type(call.verts,
                    [&](auto zero) { blendshapes_cuda_kernel(call.params<decltype(zero)>(), scope.stream()); });
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return call.verts;
}

const op::Register blendshapes({"bisque::blendshapes", BISQUE_KERNEL(blendshapes_cuda)});

}  // namespace
}  // namespace bisque
