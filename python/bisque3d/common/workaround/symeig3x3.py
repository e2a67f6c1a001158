"""Eigenvalues of symmetric 3x3 matrices."""

from typing import Optional, Tuple

import torch

from ..._ops import ops


def symeig3x3(inputs: torch.Tensor, eigenvectors: bool = True) -> Tuple[torch.Tensor, Optional[torch.Tensor]]:
    """Eigenvalues [..., 3], ascending, and unit eigenvectors [..., 3, 3] in columns of symmetric matrices [..., 3, 3]; without
    `eigenvectors` they are None. Exact for degenerate matrices, with finite gradients. ValueError: another shape."""
    if inputs.dim() < 2 or tuple(inputs.shape[-2:]) != (3, 3):
        raise ValueError(f"Only inputs of shape (..., 3, 3) are supported, but got {tuple(inputs.shape)}.")
    values, vectors = ops.symeig3x3(inputs.reshape(-1, 3, 3), eigenvectors)
    batch = inputs.shape[:-2]
    return values.reshape(batch + (3,)), vectors.reshape(batch + (3, 3)) if eigenvectors else None
