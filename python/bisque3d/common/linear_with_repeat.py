"""A linear layer whose input has a part that is the same for all samples of a ray."""

import math
from typing import Tuple

import torch
from torch.nn import functional


class LinearWithRepeat(torch.nn.Module):
    """torch.nn.Linear of cat([x, y repeated K times]) for x [..., K, n1] and y [..., n2], without the repetition: y meets its
    columns of the weight once. The parameters are those of Linear(n1 + n2, out_features)."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True, device=None, dtype=None) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = torch.nn.Parameter(torch.empty((out_features, in_features), device=device, dtype=dtype))
        if bias:
            self.bias = torch.nn.Parameter(torch.empty(out_features, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """As torch.nn.Linear: uniform in +-1/sqrt(in_features)."""
        bound = 1 / math.sqrt(self.in_features) if self.in_features > 0 else 0
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.uniform_(-bound, bound)

    def forward(self, input: Tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        x, y = input
        n1 = x.shape[-1]
        of_ray = functional.linear(y, self.weight[:, n1:], self.bias)
        return functional.linear(x, self.weight[:, :n1]) + of_ray.unsqueeze(-2)
