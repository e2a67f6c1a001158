#include <bisque/ops3d/vertex_normals/vertex_normals_backward_prepare.h>

namespace bisque {
namespace {

using op::Tensor;

Tensor vertex_normals_backward_cpu(const Tensor& grad_normals, const Tensor& verts, const Tensor& faces,
                                   const Tensor& vert_first, const Tensor& vert_faces) {
  const auto call = prepare_vertex_normals_backward(grad_normals, verts, faces, vert_first, vert_faces);
  op::by_float_type(call.verts, [&](auto zero) { vertex_normals_backward_cpu_kernel(call.params<decltype(zero)>()); });
  return call.grad_verts;
}

Tensor vertex_normals_backward_meta(const Tensor& grad_normals, const Tensor& verts, const Tensor& faces,
                                    const Tensor& vert_first, const Tensor& vert_faces) {
  return prepare_vertex_normals_backward(grad_normals, verts, faces, vert_first, vert_faces).grad_verts;
}

const op::Register vertex_normals_backward({
    .schema = "bisque::_vertex_normals_backward(Tensor grad_normals, Tensor verts, Tensor faces, Tensor vert_first, "
              "Tensor vert_faces) -> Tensor grad_verts",
    .shapes = "grad_normals [N, V, 3], verts [N, V, 3] -> grad_verts [N, V, 3]",
    .cpu = BISQUE_KERNEL(vertex_normals_backward_cpu),
    .meta = BISQUE_KERNEL(vertex_normals_backward_meta),
});

}  // namespace
}  // namespace bisque
