#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/vertex_normals/vertex_normals_kernels.h>

namespace bisque {
namespace {

const op::Op<VertexNormals> vertex_normals({
    .schema = "bisque::vertex_normals(Tensor verts, Tensor faces, Tensor vert_faces_offsets, Tensor vert_faces)"
              " -> Tensor normals",
    .shapes = "verts [N, V, 3], faces [F, 3], vert_faces_offsets [V + 1], vert_faces [3 * F] -> normals [N, V, 3]",
    .scratch = "face_normals [N, F, 3]",
    .backward = "bisque::_vertex_normals_backward",
});

const op::Op<VertexNormalsBackward> vertex_normals_backward({
    .schema =
        "bisque::_vertex_normals_backward(Tensor grad_normals, Tensor verts, Tensor faces, Tensor vert_faces_offsets,"
        " Tensor vert_faces) -> Tensor grad_verts",
    .shapes = "verts [N, V, 3], faces [F, 3], vert_faces_offsets [V + 1], vert_faces [3 * F], grad_normals [N, V, 3]"
              " -> grad_verts [N, V, 3]",
    .scratch = "face_normals [N, F, 3], grad_sums [N, V, 3]",
});

}  // namespace
}  // namespace bisque
