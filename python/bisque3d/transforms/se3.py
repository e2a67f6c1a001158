"""The exponential and logarithmic map of rigid transforms, SE(3), as matrices [[R^T, 0], [T, 1]] for row vectors. Exact at any angle, so that
`eps` and `cos_bound`, which kept away from zero, have no effect."""

import torch

from ._smooth import angle_minus_sin_over_cube, one_minus_cos_over_square, one_minus_cot_over_square, square_sum
from .so3 import so3_exp_map, so3_log_map


def _turned(v: torch.Tensor, w: torch.Tensor, first, second: torch.Tensor) -> torch.Tensor:
    """v + first w x v + second w x (w x v)."""
    cross = torch.linalg.cross(w, v)
    return v + first * cross + second * torch.linalg.cross(w, cross)


def se3_exp_map(log_transform: torch.Tensor, eps: float = 1e-4) -> torch.Tensor:
    """Transforms [N, 4, 4] of vectors [N, 6], the logarithm of the translation first. ValueError: another shape."""
    if log_transform.ndim != 2 or log_transform.shape[1] != 6:
        raise ValueError(f"Expected input to be of shape (N, 6). Got {tuple(log_transform.shape)}.")
    log_rotation = log_transform[..., 3:]
    squares = square_sum(log_rotation)
    translation = _turned(
        log_transform[..., :3], log_rotation, one_minus_cos_over_square(squares), angle_minus_sin_over_cube(squares)
    )
    rows = torch.cat([so3_exp_map(log_rotation).transpose(-1, -2), translation[..., None, :]], -2)
    column = torch.eye(4, dtype=rows.dtype, device=rows.device)[:, 3:]
    return torch.cat([rows, column.expand(rows.shape[:-1] + (1,))], -1)


def se3_log_map(transform: torch.Tensor, eps: float = 1e-4, cos_bound: float = 1e-4) -> torch.Tensor:
    """Vectors [N, 6] of transforms [N, 4, 4]: the inverse of se3_exp_map. ValueError: another shape, a last column that is not 0, 0, 0, a
    trace that no rotation has."""
    if transform.ndim < 3 or tuple(transform.shape[-2:]) != (4, 4):
        raise ValueError("Input tensor shape has to be (N, 4, 4).")
    if not torch.compiler.is_compiling() and (transform[..., :3, 3].abs() > 1e-5).any():
        raise ValueError("All elements of `transform[:, :3, 3]` should be 0.")
    log_rotation = so3_log_map(transform[..., :3, :3].transpose(-1, -2))
    second = one_minus_cot_over_square(square_sum(log_rotation))
    log_translation = _turned(transform[..., 3, :3], log_rotation, -0.5, second)
    return torch.cat([log_translation, log_rotation], -1)
