"""The exponential and logarithmic map of rotations, SO(3), and their angles. Exact at zero and pi, so that `eps` arguments, which kept away
from there, have no effect."""

import warnings
from typing import Optional, Tuple

import torch

from ._smooth import safe_sqrt, square_sum
from .math import acos_linear_extrapolation
from .rotation_conversions import axis_angle_to_matrix, matrix_to_axis_angle

HAT_INV_SKEW_SYMMETRIC_TOL = 1e-5


def so3_relative_angle(
    R1: torch.Tensor, R2: torch.Tensor, cos_angle: bool = False, cos_bound: Optional[float] = None, eps: float = 1e-4
) -> torch.Tensor:
    """The angles [N] between rotations R1 and R2 [N, 3, 3]: so3_rotation_angle of R1 R2^T."""
    return so3_rotation_angle(R1 @ R2.transpose(-1, -2), cos_angle=cos_angle, cos_bound=cos_bound, eps=eps)


def so3_rotation_angle(
    R: torch.Tensor, eps: float = 1e-4, cos_angle: bool = False, cos_bound: Optional[float] = None
) -> torch.Tensor:
    """The angles [N] in [0, pi] of rotations R [N, 3, 3], or their cosines if `cos_angle`. They are atan2 of sine and cosine, which is exact;
    a `cos_bound` gives acos_linear_extrapolation(cosine, 1 - cos_bound), and 0 gives acos.
    ValueError: another shape, a trace outside [-1 - eps, 3 + eps]."""
    cosine = (_checked_trace(R, eps) - 1) / 2
    if cos_angle:
        return cosine
    if cos_bound is None:
        m = R.flatten(-2).unbind(-1)
        twice_sine = safe_sqrt((m[7] - m[5]).square() + (m[2] - m[6]).square() + (m[3] - m[1]).square())
        return torch.atan2(twice_sine / 2, cosine)
    if cos_bound > 0:
        bound = 1 - cos_bound
        return acos_linear_extrapolation(cosine, (-bound, bound))
    return cosine.acos()


def _check_sizes(tensor: torch.Tensor, sizes: Tuple[int, ...], message: str) -> None:
    if tensor.dim() < len(sizes) or tuple(tensor.shape[-len(sizes) :]) != sizes:
        raise ValueError(f"{message} It is {list(tensor.shape)}.")


def _checked_trace(R: torch.Tensor, eps: float) -> torch.Tensor:
    _check_sizes(R, (3, 3), "Input has to be a batch of 3x3 Tensors.")
    trace = R.diagonal(0, -2, -1).sum(-1)
    if not torch.compiler.is_compiling() and ((trace < -1.0 - eps) | (trace > 3.0 + eps)).any():
        raise ValueError("A matrix has trace outside valid range [-1-eps,3+eps].")
    return trace


def so3_exp_map(log_rot: torch.Tensor, eps: float = 0.0001) -> torch.Tensor:
    """Rotations [N, 3, 3] = exp(hat(log_rot)) of vectors [N, 3]. ValueError: another shape."""
    _check_sizes(log_rot, (3,), "Input tensor shape has to be Nx3.")
    return axis_angle_to_matrix(log_rot)


def so3_exponential_map(log_rot: torch.Tensor, eps: float = 0.0001) -> torch.Tensor:
    """The old name of so3_exp_map."""
    warnings.warn("so3_exponential_map is deprecated, use so3_exp_map instead.", PendingDeprecationWarning, stacklevel=2)
    return so3_exp_map(log_rot, eps)


def _so3_exp_map(
    log_rot: torch.Tensor, eps: float = 0.0001
) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """The rotations, their angles, at least sqrt(eps), the skew-symmetric matrices and their squares."""
    R = so3_exp_map(log_rot, eps)
    skews = hat(log_rot)
    return R, square_sum(log_rot).squeeze(-1).clamp_min(eps).sqrt(), skews, skews @ skews


def so3_log_map(R: torch.Tensor, eps: float = 0.0001, cos_bound: float = 1e-4) -> torch.Tensor:
    """Vectors [N, 3] with lengths in [0, pi] of rotations R [N, 3, 3]: the inverse of so3_exp_map. ValueError: another shape, a trace that no
    rotation has."""
    _checked_trace(R, 1e-4)
    return matrix_to_axis_angle(R)


def hat_inv(h: torch.Tensor) -> torch.Tensor:
    """The vectors [N, 3] of skew-symmetric matrices [N, 3, 3]. ValueError: another shape, a matrix that is not skew-symmetric."""
    _check_sizes(h, (3, 3), "Input has to be a batch of 3x3 Tensors.")
    if not torch.compiler.is_compiling() and ((h + h.transpose(-1, -2)).abs() > HAT_INV_SKEW_SYMMETRIC_TOL).any():
        raise ValueError("One of input matrices is not skew-symmetric.")
    return torch.stack([h[..., 2, 1], h[..., 0, 2], h[..., 1, 0]], -1)


def hat(v: torch.Tensor) -> torch.Tensor:
    """The skew-symmetric matrices [N, 3, 3] of vectors [N, 3]: hat(v) x is the cross product of v and x. ValueError: another shape."""
    _check_sizes(v, (3,), "Input vectors have to be 3-dimensional.")
    x, y, z = v.unbind(-1)
    zero = torch.zeros_like(x)
    return torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).unflatten(-1, (3, 3))
