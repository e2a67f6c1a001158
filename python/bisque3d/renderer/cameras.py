"""Cameras, and how they are placed. See docs/cameras.md for the coordinate systems."""

import warnings

import torch

from ..common.datatypes import Device
from ._camera_base import (
    _R,
    _T,
    BatchFloat,
    CamerasBase,
    get_ndc_to_screen_transform,
    get_screen_to_ndc_transform,
    get_world_to_view_transform,
    try_get_projection_transform,
)
from ._linear_cameras import (
    FocalLength,
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
    OrthographicCameras,
    PerspectiveCameras,
    _get_sfm_calibration_matrix,  # noqa: F401
)
from ._look_at import camera_position_from_spherical_angles, look_at_rotation, look_at_view_transform

__all__ = [
    "CamerasBase",
    "FoVOrthographicCameras",
    "FoVPerspectiveCameras",
    "OpenGLOrthographicCameras",
    "OpenGLPerspectiveCameras",
    "OrthographicCameras",
    "PerspectiveCameras",
    "SfMOrthographicCameras",
    "SfMPerspectiveCameras",
    "camera_position_from_spherical_angles",
    "get_ndc_to_screen_transform",
    "get_screen_to_ndc_transform",
    "get_world_to_view_transform",
    "look_at_rotation",
    "look_at_view_transform",
    "try_get_projection_transform",
]


def _warn_of_old_name(old: str, new: str) -> None:
    warnings.warn(f"{old} is deprecated, use {new} instead.", PendingDeprecationWarning, stacklevel=3)


def OpenGLPerspectiveCameras(
    znear: BatchFloat = 1.0,
    zfar: BatchFloat = 100.0,
    aspect_ratio: BatchFloat = 1.0,
    fov: BatchFloat = 60.0,
    degrees: bool = True,
    R: torch.Tensor = _R,
    T: torch.Tensor = _T,
    device: Device = "cpu",
) -> FoVPerspectiveCameras:
    """The old name of FoVPerspectiveCameras."""
    _warn_of_old_name("OpenGLPerspectiveCameras", "FoVPerspectiveCameras")
    return FoVPerspectiveCameras(znear=znear, zfar=zfar, aspect_ratio=aspect_ratio, fov=fov, degrees=degrees, R=R, T=T, device=device)


def OpenGLOrthographicCameras(
    znear: BatchFloat = 1.0,
    zfar: BatchFloat = 100.0,
    top: BatchFloat = 1.0,
    bottom: BatchFloat = -1.0,
    left: BatchFloat = -1.0,
    right: BatchFloat = 1.0,
    scale_xyz=((1.0, 1.0, 1.0),),
    R: torch.Tensor = _R,
    T: torch.Tensor = _T,
    device: Device = "cpu",
) -> FoVOrthographicCameras:
    """The old name of FoVOrthographicCameras, whose sides have other names too."""
    _warn_of_old_name("OpenGLOrthographicCameras", "FoVOrthographicCameras")
    sides = dict(max_y=top, min_y=bottom, max_x=right, min_x=left)
    return FoVOrthographicCameras(znear=znear, zfar=zfar, **sides, scale_xyz=scale_xyz, R=R, T=T, device=device)


def SfMPerspectiveCameras(
    focal_length: FocalLength = 1.0,
    principal_point=((0.0, 0.0),),
    R: torch.Tensor = _R,
    T: torch.Tensor = _T,
    device: Device = "cpu",
) -> PerspectiveCameras:
    """The old name of PerspectiveCameras."""
    _warn_of_old_name("SfMPerspectiveCameras", "PerspectiveCameras")
    return PerspectiveCameras(focal_length=focal_length, principal_point=principal_point, R=R, T=T, device=device)


def SfMOrthographicCameras(
    focal_length: FocalLength = 1.0,
    principal_point=((0.0, 0.0),),
    R: torch.Tensor = _R,
    T: torch.Tensor = _T,
    device: Device = "cpu",
) -> OrthographicCameras:
    """The old name of OrthographicCameras."""
    _warn_of_old_name("SfMOrthographicCameras", "OrthographicCameras")
    return OrthographicCameras(focal_length=focal_length, principal_point=principal_point, R=R, T=T, device=device)
