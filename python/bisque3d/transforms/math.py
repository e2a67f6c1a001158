"""The arccosine with a tangent outside its bounds."""

import math
from typing import Tuple

import torch

DEFAULT_ACOS_BOUND: float = 1.0 - 1e-4


def acos_linear_extrapolation(
    x: torch.Tensor, bounds: Tuple[float, float] = (-DEFAULT_ACOS_BOUND, DEFAULT_ACOS_BOUND)
) -> torch.Tensor:
    """acos(x) for x within the bounds, outside the tangent at the nearer bound, so that values and gradients are finite for all x.
    ValueError: bounds that are not within (-1, 1), or the greater first."""
    lower, upper = bounds
    if lower > upper:
        raise ValueError("lower bound has to be smaller or equal to upper bound.")
    if lower <= -1.0 or upper >= 1.0:
        raise ValueError("Both lower bound and upper bound have to be within (-1, 1).")
    is_below, is_above = x <= lower, x >= upper
    inside = torch.where(is_below | is_above, 0.0, x).acos()
    return torch.where(is_below, _tangent(x, lower), torch.where(is_above, _tangent(x, upper), inside))


def _tangent(x: torch.Tensor, bound: float) -> torch.Tensor:
    return math.acos(bound) - (x - bound) / math.sqrt((1 - bound) * (1 + bound))
