"""What the tests of rotations share. The truth is the matrix exponential."""

import itertools
import math

import torch

CONVENTIONS = [a + b + c for a, b, c in itertools.product("XYZ", repeat=3) if a != b and b != c]
ANGLES = [0.0, 1e-12, 1e-6, 1e-3, 0.06, 0.1249, 0.1251, 0.2499, 0.2501, 0.5, 1.5, 3.0, math.pi - 1e-6]
LARGE_ANGLES = [math.pi, 3.3, 2 * math.pi - 1e-3, 2 * math.pi, 10.0]


def skew(v: torch.Tensor) -> torch.Tensor:
    x, y, z = v.unbind(-1)
    zero = torch.zeros_like(x)
    return torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).unflatten(-1, (3, 3))


def exp_skew(v: torch.Tensor) -> torch.Tensor:
    return torch.linalg.matrix_exp(skew(v))


def rotation_vectors(angles, dtype=torch.float64) -> torch.Tensor:
    """Vectors [., 3] of these lengths: in a random direction, and along a diagonal and the axes."""
    generator = torch.Generator().manual_seed(7)
    axes = torch.cat([torch.randn(2, 3, generator=generator, dtype=torch.float64), torch.eye(3, dtype=torch.float64), torch.tensor([[1.0, -1, 0]])])
    axes = axes / axes.norm(dim=1, keepdim=True)
    return torch.cat([angle * axes for angle in angles]).to(dtype)


def jacobians(function, inputs: torch.Tensor) -> torch.Tensor:
    """Of a function of each row: [N, outputs, inputs]."""
    inputs = inputs.clone().requires_grad_()
    outputs = function(inputs).flatten(1)
    return torch.stack([torch.autograd.grad(column.sum(), inputs, retain_graph=True)[0] for column in outputs.unbind(1)], 1)


def random_matrices(count: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return exp_skew(3 * torch.randn(count, 3, generator=generator, dtype=torch.float64))
