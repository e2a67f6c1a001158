"""Points that cover a cloud evenly."""

from typing import List, Optional, Tuple, Union

import torch

from .._ops import ops
from .utils import masked_gather


def sample_farthest_points(
    points: torch.Tensor,
    lengths: Optional[torch.Tensor] = None,
    K: Union[int, List[int], torch.Tensor] = 50,
    random_start_point: bool = False,
) -> Tuple[torch.Tensor, torch.Tensor]:
    """K points of each cloud of [N, P, D], each the one farthest from those selected before it. The first one is point 0, or a random one.

    Returns the points [N, K, D] and their indices [N, K]. K may be a number per cloud; where a cloud has fewer points, or fewer are
    wanted, they end with 0 and -1. The points are differentiable. ValueError: sizes that do not match, a length above P."""
    N, P, _ = points.shape
    if lengths is not None:
        if tuple(lengths.shape) != (N,):
            raise ValueError("points and lengths must have same batch dimension.")
        lengths = lengths.to(torch.int64)
        if not torch.compiler.is_compiling() and (lengths > P).any():
            raise ValueError("A value in lengths was too large.")
    num_samples = None
    if not isinstance(K, int):
        num_samples = torch.as_tensor(K, dtype=torch.int64, device=points.device)
        if num_samples.shape[0] != N:
            raise ValueError("K and points must have the same batch dimension")
        K = int(num_samples.max()) if N > 0 else 0
    start_idxs = None
    if random_start_point:
        counts = torch.full((N,), P, device=points.device) if lengths is None else lengths
        start_idxs = (torch.rand(N, dtype=torch.float64, device=points.device) * counts).long()
    idx = ops.sample_farthest_points(points.detach(), lengths, K, num_samples, start_idxs)
    return masked_gather(points, idx), idx


def sample_farthest_points_naive(
    points: torch.Tensor,
    lengths: Optional[torch.Tensor] = None,
    K: Union[int, List[int], torch.Tensor] = 50,
    random_start_point: bool = False,
) -> Tuple[torch.Tensor, torch.Tensor]:
    """The same as sample_farthest_points, by its definition, in torch alone: an independent reference for tests."""
    N, P, _ = points.shape
    counts = [P] * N if lengths is None else lengths.tolist()
    if len(counts) != N:
        raise ValueError("points and lengths must have same batch dimension.")
    if max(counts, default=0) > P:
        raise ValueError(f"Invalid lengths. The greatest is {max(counts)}, but a cloud has {P} points.")
    wanted = [K] * N if isinstance(K, int) else torch.as_tensor(K).tolist()
    if len(wanted) != N:
        raise ValueError("K and points must have the same batch dimension")
    idx = torch.full((N, max(wanted, default=0)), -1, dtype=torch.int64, device=points.device)
    for n, cloud in enumerate(points.detach()):
        cloud = cloud[: counts[n]]
        dists = cloud.new_full((counts[n],), torch.inf)
        last = int(torch.randint(counts[n], (1,))) if random_start_point and counts[n] > 0 else 0
        for k in range(min(wanted[n], counts[n])):
            idx[n, k] = last
            dists = torch.minimum(dists, (cloud - cloud[last]).square().sum(1))
            last = int(dists.argmax())
    return masked_gather(points, idx), idx
