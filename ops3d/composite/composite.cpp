#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/composite/composite_kernels.h>

namespace bisque {
namespace {

const op::Op<Composite> composite({
    .schema = "bisque::composite(Tensor features, Tensor alphas, Tensor points_idx, int mode=0) -> Tensor images",
    .shapes = "features [C, P], alphas [N, K, H, W], points_idx [N, K, H, W] -> images [N, C, H, W]",
    .require = "mode in [0, 1, 2]",
    .backward = "bisque::_composite_backward",
});

const op::Op<CompositeBackward> composite_backward({
    .schema =
        "bisque::_composite_backward(Tensor grad_images, Tensor features, Tensor alphas, Tensor points_idx,"
        " int mode, bool need_grad_features, bool need_grad_alphas) -> (Tensor grad_features, Tensor grad_alphas)",
    .shapes = "grad_images [N, C, H, W], features [C, P], alphas [N, K, H, W], points_idx [N, K, H, W]"
              " -> grad_features [C, P] if need_grad_features else [0],"
              " grad_alphas [N, K, H, W] if need_grad_alphas else [0]",
    .cuda_scratch = "largest [C, P] if need_grad_features else [0], sums [C, P, 2] if need_grad_features else [0]",
});

}  // namespace
}  // namespace bisque
