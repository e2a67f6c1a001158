#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/padded_to_packed/padded_to_packed_kernels.h>

namespace bisque {
namespace {

const op::Op<PaddedToPacked> padded_to_packed({
    .schema = "bisque::padded_to_packed(Tensor inputs, Tensor first_idxs, int num_inputs) -> Tensor packed",
    .shapes = "inputs [N, M, D], first_idxs [N] -> packed [num_inputs, D]",
    .require = "num_inputs >= 0",
    .backward = "bisque::_padded_to_packed_backward",
});

const op::Op<PaddedToPackedBackward> padded_to_packed_backward({
    .schema = "bisque::_padded_to_packed_backward(Tensor grad_packed, Tensor inputs, Tensor first_idxs, int num_inputs)"
              " -> Tensor grad_inputs",
    .shapes = "inputs [N, M, D], first_idxs [N], grad_packed [num_inputs, D] -> grad_inputs [N, M, D]",
});

}  // namespace
}  // namespace bisque
