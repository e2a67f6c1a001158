"""The op gather_scatter and its gradient, against index_add."""

import pytest
import torch

from bisque3d.testing import OpTests


class TestGatherScatter(OpTests):
    op = "bisque::gather_scatter"
    gradients = ["input"]
    gradcheck_cases = ["small", "directed", "backward"]

    def graph(self, V, E, D, dtype, random, **options):
        return dict(input=random(V, D, dtype=dtype), edges=torch.randint(max(V, 1), (E, 2), generator=random.generator), **options)

    def inputs_many(self, dtype, random):
        return self.graph(300, 900, 37, dtype, random)

    def inputs_small(self, dtype, random):
        return self.graph(4, 5, 3, dtype, random)

    def inputs_directed(self, dtype, random):
        return self.graph(4, 5, 3, dtype, random, directed=True)

    def inputs_backward(self, dtype, random):
        return self.graph(4, 5, 3, dtype, random, directed=True, backward=True)

    def inputs_undirected_backward(self, dtype, random):
        return self.graph(4, 5, 3, dtype, random, backward=True)

    def inputs_no_edges(self, dtype, random):
        return self.graph(4, 0, 3, dtype, random)

    def inputs_no_columns(self, dtype, random):
        return self.graph(4, 3, 0, dtype, random)

    def inputs_no_vertices(self, dtype, random):
        return self.graph(0, 0, 3, dtype, random)

    def reference(self, input, edges, directed=False, backward=False):
        a, b = edges.unbind(1)
        if backward:
            a, b = b, a
        output = torch.zeros_like(input).index_add(0, a, input[b])
        return output if directed else output.index_add(0, b, input[a])

    errors = [
        (dict(input=torch.zeros(3)), r"gather_scatter: expected input to have shape \[V, D\] = \[\*, \*\], but got \[3\]"),
        (dict(edges=torch.zeros(3, 3, dtype=torch.int64)), r"gather_scatter: expected edges to have shape \[E, 2\]"),
        (dict(edges=torch.full((2, 2), 300)), r"gather_scatter: expected edges to lie in \[0, 4\), but got 300 at \[0, 0\]"),
    ]


@pytest.mark.cuda
def test_cuda_skips_edges_out_of_range():
    input, edges = torch.randn(4, 5), torch.tensor([[0, 1], [2, 4], [-1, 3], [3, 2]])
    got = torch.ops.bisque.gather_scatter(input.cuda(), edges.cuda()).cpu()
    torch.testing.assert_close(got, torch.ops.bisque.gather_scatter(input, edges[[0, 3]]))
