// A small example op without CUDA: y = factor x + shift, x squared, and the sign of x. It has optional and non-tensor
// arguments and several results, one of them without a gradient.
#include <bisque/core/ops/declare.h>

#include "affine_kernels.h"

namespace acme {
namespace {

const bisque::op::Op<Affine> affine({
    .schema = "acme::affine(Tensor x, Tensor? shift=None, float factor=2.0)"
              " -> (Tensor y, Tensor square, Tensor sign)",
    .shapes = "x [N], shift [N] -> y [N], square [N], sign int64 [N]",
    .backward = "acme::_affine_backward",
});

const bisque::op::Op<AffineBackward> affine_backward({
    .schema = "acme::_affine_backward(Tensor grad_y, Tensor grad_square, Tensor x, float factor, bool need_grad_x,"
              " bool need_grad_shift) -> (Tensor grad_x, Tensor grad_shift)",
    .shapes = "x [N], grad_y [N], grad_square [N]"
              " -> grad_x [N] if need_grad_x else [0], grad_shift [N] if need_grad_shift else [0]",
});

}  // namespace
}  // namespace acme
