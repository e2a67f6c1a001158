"""Points within a ball."""

from typing import Optional

import torch

from .._ops import ops
from .knn import _KNN, _check_clouds, _int64
from .utils import masked_gather


def ball_query(
    p1: torch.Tensor,
    p2: torch.Tensor,
    lengths1: Optional[torch.Tensor] = None,
    lengths2: Optional[torch.Tensor] = None,
    K: int = 500,
    radius: float = 0.2,
    return_nn: bool = True,
    skip_points_outside_cube: bool = False,
) -> _KNN:
    """For each point of p1 [N, P1, D] the first K points of p2 [N, P2, D] in the same cloud that are nearer than `radius`.

    Returns a named tuple: the squared dists [N, P1, K], idx [N, P1, K], and knn [N, P1, K, D], the neighbours themselves, or None without
    `return_nn`. Where there are fewer, dists and knn are 0, and idx is -1. Differentiable by p1 and p2. `skip_points_outside_cube` does not
    change results. ValueError: sizes that do not match."""
    _check_clouds(p1, p2)
    dists, idx = ops.ball_query(p1, p2, _int64(lengths1), _int64(lengths2), K, radius)
    return _KNN(dists=dists, idx=idx, knn=masked_gather(p2, idx) if return_nn else None)
