"""Blending of the features of the points of each pixel, over the op `composite`."""

from typing import NamedTuple

import torch

from .._ops import ops

_ALPHA, _WEIGHTED_SUM, _NORM_WEIGHTED_SUM = range(3)  # CompositeMode of ops3d/composite/composite.h


class CompositeParams(NamedTuple):
    """Options of compositing; no function reads them.

    >>> CompositeParams().radius
    0.015625
    """

    radius: float = 4.0 / 256.0


def _composite(pointsidx: torch.Tensor, alphas: torch.Tensor, pt_clds: torch.Tensor, mode: int) -> torch.Tensor:
    return ops.composite(pt_clds, alphas, pointsidx.long(), mode)


def alpha_composite(pointsidx: torch.Tensor, alphas: torch.Tensor, pt_clds: torch.Tensor, blend_params=None) -> torch.Tensor:
    """Over-compositing: the sum of alpha_k f_k times (1 - alpha_j) for all j in front of k.

    pointsidx [N, K, H, W] are indices into the columns of pt_clds [C, P], front to back, negative for none; alphas [N, K, H, W] are the
    opacities. Returns [N, C, H, W], 0 for a pixel without points. Differentiable by alphas and pt_clds.

    >>> idx, alphas = torch.tensor([0, 1]).view(1, 2, 1, 1), torch.tensor([0.5, 1.0]).view(1, 2, 1, 1)
    >>> alpha_composite(idx, alphas, torch.tensor([[2.0, 4.0]])).item()
    3.0
    """
    return _composite(pointsidx, alphas, pt_clds, _ALPHA)


def norm_weighted_sum(pointsidx: torch.Tensor, alphas: torch.Tensor, pt_clds: torch.Tensor, blend_params=None) -> torch.Tensor:
    """The sum of alpha_k f_k, divided by the sum of the alphas, or by 1e-4 where that is larger; see alpha_composite.

    >>> idx, alphas = torch.tensor([0, 1]).view(1, 2, 1, 1), torch.tensor([0.5, 0.5]).view(1, 2, 1, 1)
    >>> norm_weighted_sum(idx, alphas, torch.tensor([[2.0, 4.0]])).item()
    3.0
    """
    return _composite(pointsidx, alphas, pt_clds, _NORM_WEIGHTED_SUM)


def weighted_sum(pointsidx: torch.Tensor, alphas: torch.Tensor, pt_clds: torch.Tensor, blend_params=None) -> torch.Tensor:
    """The sum of alpha_k f_k; see alpha_composite.

    >>> idx, alphas = torch.tensor([0, 1]).view(1, 2, 1, 1), torch.tensor([0.5, 0.5]).view(1, 2, 1, 1)
    >>> weighted_sum(idx, alphas, torch.tensor([[2.0, 6.0]])).item()
    4.0
    """
    return _composite(pointsidx, alphas, pt_clds, _WEIGHTED_SUM)
