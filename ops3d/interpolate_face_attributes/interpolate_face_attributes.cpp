#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/interpolate_face_attributes/interpolate_face_attributes_kernels.h>

namespace bisque {
namespace {

const op::Op<InterpolateFaceAttributes> interpolate_face_attributes({
    .schema = "bisque::interpolate_face_attributes(Tensor pix_to_face, Tensor bary_coords, Tensor face_attributes)"
              " -> Tensor values",
    .shapes = "bary_coords [N, H, W, K, 3], pix_to_face [N, H, W, K], face_attributes [F, 3, D]"
              " -> values [N, H, W, K, D]",
    .backward = "bisque::_interpolate_face_attributes_backward",
});

const op::Op<InterpolateFaceAttributesBackward> interpolate_face_attributes_backward({
    .schema =
        "bisque::_interpolate_face_attributes_backward(Tensor grad_values, Tensor pix_to_face, Tensor bary_coords,"
        " Tensor face_attributes, bool need_grad_bary_coords, bool need_grad_face_attributes)"
        " -> (Tensor grad_bary_coords, Tensor grad_face_attributes)",
    .shapes = "bary_coords [N, H, W, K, 3], pix_to_face [N, H, W, K], face_attributes [F, 3, D],"
              " grad_values [N, H, W, K, D]"
              " -> grad_bary_coords [N, H, W, K, 3] if need_grad_bary_coords else [0],"
              " grad_face_attributes [F, 3, D] if need_grad_face_attributes else [0]",
});

}  // namespace
}  // namespace bisque
