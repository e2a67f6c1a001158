#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/face_areas_normals/face_areas_normals_kernels.h>

namespace bisque {
namespace {

const op::Op<FaceAreasNormals> face_areas_normals({
    .schema = "bisque::face_areas_normals(Tensor verts, Tensor faces) -> (Tensor areas, Tensor normals)",
    .shapes = "verts [V, 3], faces [F, 3] -> areas [F], normals [F, 3]",
    .backward = "bisque::_face_areas_normals_backward",
});

const op::Op<FaceAreasNormalsBackward> face_areas_normals_backward({
    .schema = "bisque::_face_areas_normals_backward(Tensor grad_areas, Tensor grad_normals, Tensor verts, Tensor faces)"
              " -> Tensor grad_verts",
    .shapes = "verts [V, 3], faces [F, 3], grad_areas [F], grad_normals [F, 3] -> grad_verts [V, 3]",
});

}  // namespace
}  // namespace bisque
