"""The op weighted_gather_scatter and its gradient, against dense matrices."""

import pytest
import torch

from bisque3d.testing import OpTests


class TestWeightedGatherScatter(OpTests):
    op = "bisque::weighted_gather_scatter"
    gradients = ["input", "weights"]
    gradcheck_cases = ["small"]

    def graph(self, V, E, D, dtype, random):
        edges = torch.randint(max(V, 1), (E, 2), generator=random.generator)
        return dict(input=random(V, D, dtype=dtype), edges=edges, weights=random(E, dtype=dtype))

    def inputs_many(self, dtype, random):
        return self.graph(300, 900, 37, dtype, random)

    def inputs_small(self, dtype, random):
        return self.graph(4, 6, 3, dtype, random)

    def inputs_no_edges(self, dtype, random):
        return self.graph(4, 0, 3, dtype, random)

    def inputs_no_columns(self, dtype, random):
        return self.graph(4, 3, 0, dtype, random)

    def inputs_no_vertices(self, dtype, random):
        return self.graph(0, 0, 3, dtype, random)

    def reference(self, input, edges, weights):
        matrix = torch.zeros(len(input), len(input), dtype=input.dtype)
        matrix.index_put_(tuple(edges.T), weights, accumulate=True)
        return (matrix + matrix.T) @ input

    errors = [
        (dict(weights=torch.zeros(3)), r"weighted_gather_scatter: expected weights to have shape \[E\]"),
        (dict(edges=torch.full((900, 2), -1)), r"weighted_gather_scatter: expected edges to lie in \[0, 300\), but got -1 at \[0, 0\]"),
    ]


def test_gradients_that_are_not_asked_for():
    input, edges, weights = torch.randn(4, 2), torch.tensor([[0, 1], [2, 3]]), torch.randn(2)
    call = torch.ops.bisque.weighted_gather_scatter
    both = torch.autograd.grad(call(input.requires_grad_(), edges, weights.requires_grad_()).square().sum(), (input, weights))
    (of_input,) = torch.autograd.grad(call(input, edges, weights.detach()).square().sum(), input)
    (of_weights,) = torch.autograd.grad(call(input.detach(), edges, weights).square().sum(), weights)
    assert torch.equal(of_input, both[0]) and torch.equal(of_weights, both[1])


@pytest.mark.cuda
def test_cuda_skips_edges_out_of_range():
    input, edges, weights = torch.randn(4, 5), torch.tensor([[0, 1], [2, 4], [-1, 3], [3, 2]]), torch.randn(4)
    got = torch.ops.bisque.weighted_gather_scatter(input.cuda(), edges.cuda(), weights.cuda()).cpu()
    torch.testing.assert_close(got, torch.ops.bisque.weighted_gather_scatter(input, edges[[0, 3]], weights[[0, 3]]))
