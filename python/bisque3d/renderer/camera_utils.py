"""Cameras as eye, at and up; cameras that turn; cameras joined to a batch."""

from typing import Sequence, Tuple

import torch

from ..transforms import Transform3d
from .cameras import CamerasBase


def camera_to_eye_at_up(world_to_view_transform: Transform3d) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The eye, at and up [N, 3] from which look_at_view_transform makes the transform."""
    to_world = world_to_view_transform.inverse().get_matrix()
    eye = to_world[:, 3, :3]
    return eye, eye + to_world[:, 2, :3], to_world[:, 1, :3]


def rotate_on_spot(R: torch.Tensor, T: torch.Tensor, rotation: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """R and T of cameras at the same places, whose view is that of R followed by the inverse of `rotation`.

    R and rotation are [3, 3] or [N, 3, 3], T is [3] or [N, 3]. With axis_angle_to_matrix, the angles (0, a, 0) turn the camera to
    the right by a, (a, 0, 0) turn it up, and (0, 0, a) roll it counterclockwise.
    """
    R, rotation = (matrix[None] if matrix.ndim == 2 else matrix for matrix in (R, rotation))
    T = T[None] if T.ndim == 1 else T
    if R.ndim != 3 or R.shape[1:] != (3, 3):
        raise ValueError(f"Invalid R: expected [3, 3] or [N, 3, 3], but got {tuple(R.shape)}.")
    if T.ndim != 2 or T.shape[1] != 3:
        raise ValueError(f"Invalid T: expected [3] or [N, 3], but got {tuple(T.shape)}.")
    if rotation.ndim != 3 or rotation.shape[1:] != (3, 3):
        raise ValueError(f"Invalid rotation: expected [3, 3] or [N, 3, 3], but got {tuple(rotation.shape)}.")
    inverse = rotation.transpose(1, 2)
    return R @ inverse, (T[:, None] @ inverse)[:, 0]


def join_cameras_as_batch(cameras_list: Sequence[CamerasBase]) -> CamerasBase:
    """One object with all cameras of the list, which are of one class and on one device."""
    first = cameras_list[0]
    if not all(isinstance(cameras, CamerasBase) for cameras in cameras_list):
        raise ValueError("cameras in cameras_list must inherit from CamerasBase")
    if not all(type(cameras) is type(first) for cameras in cameras_list):
        raise ValueError("All cameras must be of the same type")
    if not all(cameras.device == first.device for cameras in cameras_list):
        raise ValueError("All cameras in the batch must be on the same device")
    kwargs = {}
    for field in first._FIELDS:
        values = [getattr(cameras, field) for cameras in cameras_list]
        if all(value is None for value in values):
            continue
        if any(value is None for value in values):
            raise ValueError(f"Attribute {field} is inconsistently present")
        if field in first._SHARED_FIELDS:
            if any(value != values[0] for value in values):
                raise ValueError(f"Attribute {field} is not constant across inputs")
            kwargs[field.removeprefix("_")] = values[0]
        elif torch.is_tensor(values[0]):
            kwargs[field] = torch.cat(values)
        else:
            raise ValueError(f"Field {field} type is not supported for batching")
    return type(first)(device=first.device, **kwargs)
