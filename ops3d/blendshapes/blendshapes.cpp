#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/blendshapes/blendshapes_kernels.h>

namespace bisque {
namespace {

const op::Op<Blendshapes> blendshapes({
    .schema = "bisque::blendshapes(Tensor coefficients, Tensor neutral, Tensor deltas, Tensor delta_shape,"
              " Tensor vert_offsets) -> Tensor verts",
    .shapes = "coefficients [N, S], neutral [V, 3], deltas [D, 3], delta_shape [D], vert_offsets [V + 1]"
              " -> verts [N, V, 3]",
    .backward = "bisque::_blendshapes_backward",
});

const op::Op<BlendshapesBackward> blendshapes_backward({
    .schema = "bisque::_blendshapes_backward(Tensor grad_verts, Tensor coefficients, Tensor neutral, Tensor deltas, "
              "Tensor delta_shape, Tensor vert_offsets, bool need_grad_coefficients, bool need_grad_neutral, bool "
              "need_grad_deltas) -> (Tensor grad_coefficients, Tensor grad_neutral, Tensor grad_deltas)",
    .shapes = "coefficients [N, S], neutral [V, 3], deltas [D, 3], delta_shape [D], vert_offsets [V + 1], "
              "grad_verts [N, V, 3] -> grad_coefficients [N, S] if need_grad_coefficients else [0], "
              "grad_neutral [V, 3] if need_grad_neutral else [0], grad_deltas [D, 3] if need_grad_deltas else [0]",
    .cuda_scratch = "sums [V // 256 + 1, N, S] if need_grad_coefficients else [0]",
});

}  // namespace
}  // namespace bisque
