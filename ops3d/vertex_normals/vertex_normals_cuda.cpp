#include <bisque/core/ops/cuda_glue.h>
#include <bisque/ops3d/vertex_normals/vertex_normals_prepare.h>

namespace bisque {
namespace {

using op::Tensor;

Tensor vertex_normals_cuda(const Tensor& verts, const Tensor& faces, const Tensor& vert_first,
                           const Tensor& vert_faces) {
  const auto call = prepare_vertex_normals(verts, faces, vert_first, vert_faces);
  const op::CudaScope scope(call.normals);
  op::by_float_type(call.normals,
                    [&](auto zero) { vertex_normals_cuda_kernel(call.params<decltype(zero)>(), scope.stream()); });
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return call.normals;
}

const op::Register vertex_normals({"bisque::vertex_normals", BISQUE_KERNEL(vertex_normals_cuda)});

}  // namespace
}  // namespace bisque
