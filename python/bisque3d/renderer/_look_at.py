"""Cameras that look at a point."""

import math
from typing import Optional, Sequence, Tuple, Union

import torch

from ..common.datatypes import Device
from ._camera_base import BatchFloat
from .utils import common_float_dtype, convert_to_tensors_and_broadcast

_PARALLEL = 1e-12  # the sine of an angle that counts as 0


def camera_position_from_spherical_angles(
    distance: BatchFloat, elevation: BatchFloat, azimuth: BatchFloat, degrees: bool = True, device: Device = "cpu"
) -> torch.Tensor:
    """Positions [N, 3] at a distance from the origin. The elevation is from the plane y = 0, the azimuth in it from +Z to +X."""
    dist, elev, azim = _tensors(distance, elevation, azimuth, device=device)
    if degrees:
        elev, azim = elev * (math.pi / 180), azim * (math.pi / 180)
    x, y, z = dist * elev.cos() * azim.sin(), dist * elev.sin(), dist * elev.cos() * azim.cos()
    return torch.stack((x, y, z), 1).reshape(-1, 3)


def look_at_rotation(camera_position, at=((0, 0, 0),), up=((0, 1, 0),), device: Device = "cpu") -> torch.Tensor:
    """R [N, 3, 3] of cameras at camera_position that look at `at`, with `up` upwards in the picture.

    Where `up` is parallel to the line of sight, another direction takes its place; a camera at `at` looks along +Z.
    """
    eye, at, up = _tensors(camera_position, at, up, device=device)
    for name, vectors in (("camera_position", eye), ("at", at), ("up", up)):
        if vectors.shape[-1] != 3:
            raise ValueError(f"Expected arg {name} to have shape (N, 3); got {tuple(vectors.shape)}.")
    sight = at - eye
    z = torch.where((sight == 0).all(1, True), sight.new_tensor([0.0, 0.0, 1.0]), _unit(sight))
    across = torch.linalg.cross(_unit(up), z)
    side = _unit(across)
    # The rounding error of a small vector may point along z.
    is_parallel = (_length(across) <= _PARALLEL) | (_length(torch.linalg.cross(z, side)) < 0.5)
    y = _unit(torch.linalg.cross(z, torch.where(is_parallel, _axis_across(z), side)))
    return torch.stack((torch.linalg.cross(y, z), y, z), 2)


def look_at_view_transform(
    dist: BatchFloat = 1.0,
    elev: BatchFloat = 0.0,
    azim: BatchFloat = 0.0,
    degrees: bool = True,
    eye: Optional[Union[Sequence, torch.Tensor]] = None,
    at=((0, 0, 0),),
    up=((0, 1, 0),),
    device: Device = "cpu",
) -> Tuple[torch.Tensor, torch.Tensor]:
    """R [N, 3, 3] and T [N, 3] of cameras that look at `at` from `eye`, or from the spherical angles around `at`."""
    if eye is not None:
        eye, at, up = _tensors(eye, at, up, device=device)
    else:
        dist, elev, azim, at, up = _tensors(dist, elev, azim, at, up, device=device)
        eye = camera_position_from_spherical_angles(dist, elev, azim, degrees=degrees, device=device) + at
    R = look_at_rotation(eye, at, up, device=device)
    return R, -(eye[:, :, None] * R).sum(1)


def _tensors(*values, device: Device) -> Sequence[torch.Tensor]:
    """Of one batch size and floating dtype."""
    dtype = common_float_dtype(*values)
    return [tensor.to(dtype) for tensor in convert_to_tensors_and_broadcast(*values, dtype=dtype, device=device)]


def _length(vectors: torch.Tensor) -> torch.Tensor:
    return torch.linalg.vector_norm(vectors.detach(), dim=1, keepdim=True)


def _unit(vectors: torch.Tensor) -> torch.Tensor:
    """Vectors of any length but 0, by their length; those of length 0 remain."""
    tiny = torch.finfo(vectors.dtype).tiny
    scaled = vectors / vectors.detach().abs().amax(1, True).clamp_min(tiny)
    return scaled / torch.linalg.vector_norm(scaled, dim=1, keepdim=True).clamp_min(0.5)


def _axis_across(z: torch.Tensor) -> torch.Tensor:
    """Minus the world axis with the smallest component of z, made perpendicular to z."""
    smallest = z.abs().argmin(1, keepdim=True)
    axis = torch.zeros_like(z).scatter(1, smallest, 1.0)
    return _unit(z * z.gather(1, smallest) - axis)
