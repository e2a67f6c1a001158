#include <bisque/ops3d/vertex_normals/vertex_normals_prepare.h>

namespace bisque {
namespace {

using op::Tensor;

Tensor vertex_normals_cpu(const Tensor& verts, const Tensor& faces, const Tensor& vert_first,
                          const Tensor& vert_faces) {
  const auto call = prepare_vertex_normals(verts, faces, vert_first, vert_faces);
  op::by_float_type(call.normals, [&](auto zero) { vertex_normals_cpu_kernel(call.params<decltype(zero)>()); });
  return call.normals;
}

Tensor vertex_normals_meta(const Tensor& verts, const Tensor& faces, const Tensor& vert_first,
                           const Tensor& vert_faces) {
  return prepare_vertex_normals(verts, faces, vert_first, vert_faces).normals;
}

const op::Register vertex_normals({
    .schema = "bisque::vertex_normals(Tensor verts, Tensor faces, Tensor vert_first, Tensor vert_faces)"
              " -> Tensor normals",
    .shapes = "verts [N, V, 3], faces [F, 3], vert_first [V + 1], vert_faces [3 * F] -> normals [N, V, 3]",
    .backward = "bisque::_vertex_normals_backward",
    .cpu = BISQUE_KERNEL(vertex_normals_cpu),
    .meta = BISQUE_KERNEL(vertex_normals_meta),
});

}  // namespace
}  // namespace bisque
