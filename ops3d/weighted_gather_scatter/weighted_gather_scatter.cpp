#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/weighted_gather_scatter/weighted_gather_scatter_kernels.h>

namespace bisque {
namespace {

const op::Op<WeightedGatherScatter> weighted_gather_scatter({
    .schema = "bisque::weighted_gather_scatter(Tensor input, Tensor edges, Tensor weights) -> Tensor output",
    .shapes = "input [V, D], edges [E, 2], weights [E] -> output [V, D]",
    .backward = "bisque::_weighted_gather_scatter_backward",
});

const op::Op<WeightedGatherScatterBackward> weighted_gather_scatter_backward({
    .schema = "bisque::_weighted_gather_scatter_backward(Tensor grad_output, Tensor input, Tensor edges, "
              "Tensor weights, bool need_grad_input, bool need_grad_weights) -> "
              "(Tensor grad_input, Tensor grad_weights)",
    .shapes = "grad_output [V, D], input [V, D], edges [E, 2], weights [E] -> "
              "grad_input [V, D] if need_grad_input else [0], grad_weights [E] if need_grad_weights else [0]",
});

}  // namespace
}  // namespace bisque
