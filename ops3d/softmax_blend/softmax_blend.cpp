#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/softmax_blend/softmax_blend_kernels.h>

namespace bisque {
namespace {

const op::Op<SoftmaxBlend> softmax_blend({
    .schema = "bisque::softmax_blend(Tensor colors, Tensor pix_to_face, Tensor zbuf, Tensor dists, Tensor background,"
              " Tensor znear, Tensor zfar, float sigma=0.0001, float gamma=0.0001) -> Tensor rgba",
    .shapes = "colors [N, H, W, K, 3], pix_to_face [N, H, W, K], zbuf [N, H, W, K], dists [N, H, W, K],"
              " background [3], znear [N], zfar [N] -> rgba [N, H, W, 4]",
    .require = "sigma > 0, sigma finite, gamma > 0, gamma finite",
    .backward = "bisque::_softmax_blend_backward",
});

const op::Op<SoftmaxBlendBackward> softmax_blend_backward({
    .schema = "bisque::_softmax_blend_backward(Tensor grad_rgba, Tensor colors, Tensor pix_to_face, Tensor zbuf,"
              " Tensor dists, Tensor background, Tensor znear, Tensor zfar, float sigma, float gamma,"
              " bool need_grad_colors, bool need_grad_zbuf, bool need_grad_dists)"
              " -> (Tensor grad_colors, Tensor grad_zbuf, Tensor grad_dists)",
    .shapes = "grad_rgba [N, H, W, 4], colors [N, H, W, K, 3], pix_to_face [N, H, W, K], zbuf [N, H, W, K],"
              " dists [N, H, W, K], background [3], znear [N], zfar [N]"
              " -> grad_colors [N, H, W, K, 3] if need_grad_colors else [0],"
              " grad_zbuf [N, H, W, K] if need_grad_zbuf else [0],"
              " grad_dists [N, H, W, K] if need_grad_dists else [0]",
});

}  // namespace
}  // namespace bisque
