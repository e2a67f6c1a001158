// Solves sparse, symmetric, positive definite systems by conjugate gradients, differentiably.
#include <bisque/core/ops/declare.h>

#include "solve_spd_kernels.h"

namespace heat_diffusion {
namespace {

const bisque::op::Op<SolveSpd> solve_spd({
    .schema = "heat_diffusion::solve_spd(Tensor diagonal, Tensor off_diagonal, Tensor b, Tensor row_offsets, Tensor"
              " neighbors, Tensor neighbor_edges, Tensor edges, int max_iterations, float tolerance)"
              " -> (Tensor x, Tensor residual)",
    .shapes = "diagonal [V], off_diagonal [E], b [V, C], row_offsets [V + 1], neighbors [2 * E],"
              " neighbor_edges [2 * E], edges [E, 2] -> x [V, C], residual [C]",
    .require = "max_iterations >= 1, tolerance > 0",
    .scratch = "r [V, C], p [V, C], q [V, C], parts float64 [256, C], sums float64 [3, C], num_unfinished int64 [1]",
    .backward = "heat_diffusion::_solve_spd_backward",
});

const bisque::op::Op<SolveSpdBackward> solve_spd_backward({
    .schema = "heat_diffusion::_solve_spd_backward(Tensor grad_x, Tensor diagonal, Tensor off_diagonal, Tensor x,"
              " Tensor row_offsets, Tensor neighbors, Tensor neighbor_edges, Tensor edges, int max_iterations,"
              " float tolerance) -> (Tensor grad_diagonal, Tensor grad_off_diagonal, Tensor grad_b)",
    .shapes = "grad_x [V, C], diagonal [V], off_diagonal [E], x [V, C], row_offsets [V + 1], neighbors [2 * E],"
              " neighbor_edges [2 * E], edges [E, 2] -> grad_diagonal [V], grad_off_diagonal [E], grad_b [V, C]",
    .scratch = "residual [C], r [V, C], p [V, C], q [V, C], parts float64 [256, C], sums float64 [3, C],"
               " num_unfinished int64 [1]",
});

}  // namespace
}  // namespace heat_diffusion
