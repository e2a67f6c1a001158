"""What older versions of torch lacked, under PyTorch3D's names."""

import math
from typing import Sequence, Tuple

import torch


def meshgrid_ij(*A) -> Tuple[torch.Tensor, ...]:
    """torch.meshgrid with indexing "ij", of tensors or of one sequence of them."""
    return torch.meshgrid(*A, indexing="ij")


def prod(iterable: Sequence[float], *, start: float = 1) -> float:
    """math.prod."""
    return math.prod(iterable, start=start)
