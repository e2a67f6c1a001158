#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/packed_to_padded/packed_to_padded_kernels.h>

namespace bisque {
namespace {

const op::Op<PackedToPadded> packed_to_padded({
    .schema = "bisque::packed_to_padded(Tensor inputs, Tensor first_idxs, int max_size) -> Tensor padded",
    .shapes = "inputs [F, D], first_idxs [N] -> padded [N, max_size, D]",
    .require = "max_size >= 0",
    .backward = "bisque::_packed_to_padded_backward",
});

const op::Op<PackedToPaddedBackward> packed_to_padded_backward({
    .schema = "bisque::_packed_to_padded_backward(Tensor grad_padded, Tensor inputs, Tensor first_idxs, int max_size)"
              " -> Tensor grad_inputs",
    .shapes = "inputs [F, D], first_idxs [N], grad_padded [N, max_size, D] -> grad_inputs [F, D]",
});

}  // namespace
}  // namespace bisque
