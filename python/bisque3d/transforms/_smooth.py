"""Functions of the square of an angle, whose formula fails at zero although they are smooth there. Values and derivatives of any order are
finite and accurate for squares in [0, 4 pi^2)."""

from math import factorial
from typing import Callable, List

import torch

# Below this square a power series is used: its first 4 terms are exact in float32, all 7 in float64.
_SERIES_LIMIT = 1 / 16
_ATAN_LIMIT = 1 / 256  # of the square of the tangent


def _alternating(offset: int, scale: float, factor: float = 1.0) -> List[float]:
    """factor (-scale)^k / (2 k + offset)!"""
    return [factor * (-scale) ** k / factorial(2 * k + offset) for k in range(7)]


_COS_HALF = _alternating(0, 0.25)
_SIN_HALF = _alternating(1, 0.25, 0.5)
_ONE_MINUS_COS = _alternating(2, 1)
_ANGLE_MINUS_SIN = _alternating(3, 1)
# |B(2 k + 2)| / (2 k + 2)!, with the Bernoulli numbers B.
_ONE_MINUS_COT = [1 / 12, 1 / 720, 1 / 30240, 1 / 1209600, 1 / 47900160, 691 / 1307674368000, 1 / 74724249600]
_ATAN = [(-1) ** k / (2 * k + 1) for k in range(7)]


def _sum_of_series(series: List[float], x: torch.Tensor) -> torch.Tensor:
    terms = series if x.dtype == torch.float64 else series[:4]
    total = torch.full_like(x, terms[-1])
    for term in reversed(terms[:-1]):
        total = total * x + term
    return total


def _smooth(x: torch.Tensor, series: List[float], formula: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    """The series where x is small, `formula` of the square root elsewhere. Each gets harmless arguments where the other is chosen, since
    autograd multiplies what is not chosen by zero, and zero times infinity is NaN."""
    is_small = x < _SERIES_LIMIT
    root = torch.where(is_small, 1.0, x).sqrt()
    return torch.where(is_small, _sum_of_series(series, torch.where(is_small, x, 0.0)), formula(root))


def cos_half(squares: torch.Tensor) -> torch.Tensor:
    """cos(angle / 2)."""
    return _smooth(squares, _COS_HALF, lambda angle: (angle / 2).cos())


def sin_half_over_angle(squares: torch.Tensor) -> torch.Tensor:
    """sin(angle / 2) / angle."""
    return _smooth(squares, _SIN_HALF, lambda angle: (angle / 2).sin() / angle)


def one_minus_cos_over_square(squares: torch.Tensor) -> torch.Tensor:
    """(1 - cos(angle)) / angle^2."""
    return _smooth(squares, _ONE_MINUS_COS, lambda angle: ((angle / 2).sin() / angle).square() * 2)


def angle_minus_sin_over_cube(squares: torch.Tensor) -> torch.Tensor:
    """(angle - sin(angle)) / angle^3."""
    return _smooth(squares, _ANGLE_MINUS_SIN, lambda angle: (angle - angle.sin()) / (angle * angle * angle))


def one_minus_cot_over_square(squares: torch.Tensor) -> torch.Tensor:
    """(1 - angle / 2 cot(angle / 2)) / angle^2."""
    return _smooth(squares, _ONE_MINUS_COT, lambda angle: (1 - angle / 2 / (angle / 2).tan()) / (angle * angle))


def axis_angle_factor(squares: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """2 atan2(length, w) / length where the squares of lengths are given: the factor of the vector part of a quaternion [w, v] that makes
    it axis and angle. Where v is zero: 2 / w. Where w is zero too: 2."""
    is_zero = squares == 0
    is_small = ((squares < _ATAN_LIMIT * w * w) & (w > 0)) | is_zero
    divisor = torch.where(is_small & (w != 0), w, 1.0)
    series = _sum_of_series(_ATAN, torch.where(is_small, squares, 0.0) / (divisor * divisor)) * 2 / divisor
    length = torch.where(is_small, 1.0, squares).sqrt()
    return torch.where(is_small, series, torch.atan2(length, w) * 2 / length)


def square_sum(vectors: torch.Tensor) -> torch.Tensor:
    """Sums of squares in the last dimension, which is kept."""
    return vectors.square().sum(-1, keepdim=True)


def safe_sqrt(x: torch.Tensor, tiny: float = 0.0) -> torch.Tensor:
    """The square root; zero with gradient zero where x <= tiny."""
    is_tiny = x <= tiny
    return torch.where(is_tiny, 0.0, torch.where(is_tiny, 1.0, x).sqrt())


def unit_vectors(vectors: torch.Tensor) -> torch.Tensor:
    """The vectors in the last dimension divided by their lengths, for lengths of any size. A zero vector stays zero."""
    # A constant scale does not change the result, so that it needs no gradient.
    largest = vectors.detach().abs().amax(-1, keepdim=True)
    scaled = vectors / torch.where(largest == 0, 1.0, largest)
    squares = square_sum(scaled)
    return scaled / torch.where(squares == 0, 1.0, squares).sqrt()
