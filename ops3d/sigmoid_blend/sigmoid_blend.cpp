#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/sigmoid_blend/sigmoid_blend_kernels.h>

namespace bisque {
namespace {

const op::Op<SigmoidBlend> sigmoid_blend({
    .schema =
        "bisque::sigmoid_blend(Tensor colors, Tensor pix_to_face, Tensor dists, float sigma=0.0001) -> Tensor rgba",
    .shapes = "colors [N, H, W, K, 3], pix_to_face [N, H, W, K], dists [N, H, W, K] -> rgba [N, H, W, 4]",
    .require = "sigma > 0, sigma finite",
    .backward = "bisque::_sigmoid_blend_backward",
});

const op::Op<SigmoidBlendBackward> sigmoid_blend_backward({
    .schema = "bisque::_sigmoid_blend_backward(Tensor grad_rgba, Tensor pix_to_face, Tensor dists, float sigma,"
              " bool need_grad_colors, bool need_grad_dists) -> (Tensor grad_colors, Tensor grad_dists)",
    .shapes = "grad_rgba [N, H, W, 4], pix_to_face [N, H, W, K], dists [N, H, W, K]"
              " -> grad_colors [N, H, W, K, 3] if need_grad_colors else [0],"
              " grad_dists [N, H, W, K] if need_grad_dists else [0]",
});

}  // namespace
}  // namespace bisque
