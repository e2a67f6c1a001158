#include <bisque/core/ops/cuda_glue.h>
#include <bisque/ops3d/vertex_normals/vertex_normals_backward_prepare.h>

namespace bisque {
namespace {

using op::Tensor;

Tensor vertex_normals_backward_cuda(const Tensor& grad_normals, const Tensor& verts, const Tensor& faces,
                                    const Tensor& vert_first, const Tensor& vert_faces) {
  const auto call = prepare_vertex_normals_backward(grad_normals, verts, faces, vert_first, vert_faces);
  const op::CudaScope scope(call.grad_verts);
  op::by_float_type(call.grad_verts, [&](auto zero) {
    vertex_normals_backward_cuda_kernel(call.params<decltype(zero)>(), scope.stream());
  });
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return call.grad_verts;
}

const op::Register vertex_normals_backward({"bisque::_vertex_normals_backward",
                                            BISQUE_KERNEL(vertex_normals_backward_cuda)});
}  // namespace
}  // namespace bisque
