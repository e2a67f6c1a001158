"""A graph convolution."""

import torch
from torch import nn

from .._ops import ops


class GraphConv(nn.Module):
    """For each vertex w0(x) plus the sum of w1(x) over its neighbours."""

    def __init__(self, input_dim: int, output_dim: int, init: str = "normal", directed: bool = False) -> None:
        """Weights are normal with a deviation of 0.01 and biases zero (`init` "normal"), or weights are zero ("zero"). ValueError: another `init`."""
        super().__init__()
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.directed = directed
        self.w0 = nn.Linear(input_dim, output_dim)
        self.w1 = nn.Linear(input_dim, output_dim)
        if init not in ("normal", "zero"):
            raise ValueError(f'Invalid GraphConv initialization "{init}"')
        for linear in (self.w0, self.w1):
            if init == "normal":
                nn.init.normal_(linear.weight, mean=0, std=0.01)
                nn.init.zeros_(linear.bias)
            else:
                nn.init.zeros_(linear.weight)

    def forward(self, verts: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
        """[V, output_dim] of values [V, input_dim] and edges [E, 2]. ValueError: tensors on two devices."""
        if verts.device != edges.device:
            raise ValueError("verts and edges tensors must be on the same device.")
        return self.w0(verts) + gather_scatter(self.w1(verts), edges, self.directed)

    def __repr__(self) -> str:
        return f"GraphConv({self.input_dim} -> {self.output_dim}, directed={self.directed})"


def gather_scatter(input: torch.Tensor, edges: torch.Tensor, directed: bool = False) -> torch.Tensor:
    """For each vertex the sum [V, D] of the values [V, D] of its neighbours: an edge (a, b) of [E, 2] adds the value of b to a, and unless
    `directed` that of a to b. Differentiable. ValueError: other shapes, integers."""
    if input.dim() != 2:
        raise ValueError("input can only have 2 dimensions.")
    if edges.dim() != 2:
        raise ValueError("edges can only have 2 dimensions.")
    if edges.shape[1] != 2:
        raise ValueError("edges must be of shape (num_edges, 2).")
    if not input.is_floating_point():
        raise ValueError("input has to be of type torch.float32 or torch.float64.")
    return ops.gather_scatter(input, edges, directed)


gather_scatter_python = gather_scatter


class GatherScatter:
    """PyTorch3D's autograd function: `GatherScatter.apply` is gather_scatter."""

    apply = staticmethod(gather_scatter)
