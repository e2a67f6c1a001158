#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/face_cotangents/face_cotangents_kernels.h>

namespace bisque {
namespace {

const op::Op<FaceCotangents> face_cotangents({
    .schema = "bisque::face_cotangents(Tensor verts, Tensor faces, float eps=1e-12) -> (Tensor cots, Tensor areas)",
    .shapes = "verts [V, 3], faces [F, 3] -> cots [F, 3], areas [F]",
    .require = "eps >= 0, eps finite",
    .backward = "bisque::_face_cotangents_backward",
});

const op::Op<FaceCotangentsBackward> face_cotangents_backward({
    .schema = "bisque::_face_cotangents_backward(Tensor grad_cots, Tensor grad_areas, Tensor verts, Tensor faces, "
              "float eps) -> Tensor grad_verts",
    .shapes = "verts [V, 3], faces [F, 3], grad_cots [F, 3], grad_areas [F] -> grad_verts [V, 3]",
});

}  // namespace
}  // namespace bisque
