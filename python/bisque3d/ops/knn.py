"""Nearest neighbours of points."""

from collections import namedtuple
from typing import Optional

import torch

from .._ops import ops

_KNN = namedtuple("KNN", "dists idx knn")


def _check_clouds(p1: torch.Tensor, p2: torch.Tensor) -> None:
    if p1.shape[0] != p2.shape[0]:
        raise ValueError("pts1 and pts2 must have the same batch dimension.")
    if p1.shape[2] != p2.shape[2]:
        raise ValueError("pts1 and pts2 must have the same point dimension.")


def _int64(lengths: Optional[torch.Tensor]) -> Optional[torch.Tensor]:
    return None if lengths is None else lengths.to(torch.int64)


def knn_points(
    p1: torch.Tensor,
    p2: torch.Tensor,
    lengths1: Optional[torch.Tensor] = None,
    lengths2: Optional[torch.Tensor] = None,
    norm: int = 2,
    K: int = 1,
    version: int = -1,
    return_nn: bool = False,
    return_sorted: bool = True,
) -> _KNN:
    """For each point of p1 [N, P1, D] the K nearest points of p2 [N, P2, D] in the same cloud, by exact search.

    Returns a named tuple: dists [N, P1, K] (squared for norm 2), idx [N, P1, K] into the cloud of p2, and knn [N, P1, K, D], the neighbours
    themselves, or None without `return_nn`. All are 0 beyond the lengths [N] of the clouds. Among equal distances the lower index is first.
    Differentiable by p1 and p2. `version` has no effect. ValueError: sizes that do not match, another norm than 1 and 2."""
    _check_clouds(p1, p2)
    if norm not in (1, 2):
        raise ValueError("Support for 1 or 2 norm.")
    lengths1, lengths2 = _int64(lengths1), _int64(lengths2)
    dists, idx = ops.knn_points(p1, p2, lengths1, lengths2, K, norm, return_sorted)
    return _KNN(dists=dists, idx=idx, knn=knn_gather(p2, idx, lengths2) if return_nn else None)


def knn_gather(x: torch.Tensor, idx: torch.Tensor, lengths: Optional[torch.Tensor] = None) -> torch.Tensor:
    """Values [N, L, K, U] of neighbours: those of x [N, M, U] at idx [N, L, K]. They are 0 where idx is -1, and for neighbours from lengths[n]
    on, which knn_points does not find. Differentiable by x. ValueError: batches that do not match."""
    if x.shape[0] != idx.shape[0]:
        raise ValueError("x and idx must have same batch dimension.")
    limits = x.shape[1] if lengths is None else lengths.reshape(-1, 1, 1)
    is_none = (idx < 0) | (torch.arange(idx.shape[2], device=x.device) >= limits)
    return _rows_at(x, idx.masked_fill(is_none, 0), is_none)


def _rows_at(x: torch.Tensor, idx: torch.Tensor, is_none: torch.Tensor) -> torch.Tensor:
    """x [N, M, U] at idx [N, ...], 0 where `is_none` [N, ...]."""
    shape = idx.shape + (x.shape[2],)
    if x.shape[1] == 0:  # there is no row 0 either
        return x.new_zeros(shape)
    rows = x.gather(1, idx.flatten(1)[..., None].expand(-1, -1, x.shape[2]))
    return rows.reshape(shape).masked_fill(is_none.unsqueeze(-1), 0)
