#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/gather_scatter/gather_scatter_kernels.h>

namespace bisque {
namespace {

const op::Op<GatherScatter> gather_scatter({
    .schema = "bisque::gather_scatter(Tensor input, Tensor edges, bool directed=False, bool backward=False)"
              " -> Tensor output",
    .shapes = "input [V, D], edges [E, 2] -> output [V, D]",
    .backward = "bisque::_gather_scatter_backward",
});

const op::Op<GatherScatterBackward> gather_scatter_backward({
    .schema = "bisque::_gather_scatter_backward(Tensor grad_output, Tensor edges, bool directed, bool backward)"
              " -> Tensor grad_input",
    .shapes = "grad_output [V, D], edges [E, 2] -> grad_input [V, D]",
});

}  // namespace
}  // namespace bisque
