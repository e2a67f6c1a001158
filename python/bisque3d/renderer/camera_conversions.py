"""Cameras of OpenCV and of Pulsar. The public names are in bisque3d.utils."""

import logging
from typing import Tuple

import torch

from ..transforms import matrix_to_rotation_6d
from .cameras import PerspectiveCameras

LOGGER = logging.getLogger(__name__)


def _view_signs(like: torch.Tensor) -> torch.Tensor:
    """OpenCV's view space has x and y in the other direction."""
    return like.new_tensor([-1.0, -1.0, 1.0])


def _half_sides(image_size: torch.Tensor, like: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    """Half the width and height [N, 2], and the pixels in a unit of NDC [N, 1]."""
    half = image_size.to(like).flip(1) / 2
    return half, half.amin(1, keepdim=True)


def _cameras_from_opencv_projection(
    R: torch.Tensor, tvec: torch.Tensor, camera_matrix: torch.Tensor, image_size: torch.Tensor, pixel_center: float = 0.5
) -> PerspectiveCameras:
    signs = _view_signs(R)
    half, scale = _half_sides(image_size, R)
    point = camera_matrix[:, :2, 2] + (0.5 - pixel_center)
    return PerspectiveCameras(
        R=R.transpose(1, 2) * signs,
        T=tvec * signs,
        focal_length=camera_matrix.diagonal(0, 1, 2)[:, :2] / scale,
        principal_point=(half - point) / scale,
        image_size=image_size,
        device=R.device,
    )


def _opencv_from_cameras_projection(
    cameras: PerspectiveCameras, image_size: torch.Tensor, pixel_center: float = 0.5
) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    signs = _view_signs(cameras.R)
    focal, point = cameras.focal_length, cameras.principal_point
    if cameras.in_ndc():
        half, scale = _half_sides(image_size, cameras.R)
        focal, point = focal * scale, half - point * scale
    last = cameras.R.new_tensor([0.0, 0.0, 1.0]).expand(len(point), 1, 3)
    top = torch.cat((torch.diag_embed(focal), (point - (0.5 - pixel_center))[:, :, None]), 2)
    return (cameras.R * signs).transpose(1, 2), cameras.T * signs, torch.cat((top, last), 1)


def _pulsar_from_opencv_projection(
    R: torch.Tensor, tvec: torch.Tensor, camera_matrix: torch.Tensor, image_size: torch.Tensor, znear: float = 0.1
) -> torch.Tensor:
    for name, value, shape in (("R", R, (3, 3)), ("camera_matrix", camera_matrix, (3, 3))):
        assert value.shape[1:] == shape, f"expected {name} to have shape [N, 3, 3], but got {tuple(value.shape)}."
    tvec = tvec[:, :, None] if tvec.dim() == 2 else tvec
    assert tvec.shape[1:] == (3, 1), f"expected tvec to have shape [N, 3] or [N, 3, 1], but got {tuple(tvec.shape)}."
    assert len(R) == len(tvec) == len(camera_matrix), "expected R, tvec and camera_matrix to have one batch size."
    size = image_size.to(R)
    assert (size > 0).all(), "expected height and width to be positive."
    assert (size == size[:1]).all(), "expected all images in a batch to have the same width and height."
    height, width = size[0]
    fx, fy = camera_matrix[:, 0, 0, None], camera_matrix[:, 1, 1, None]
    if ((fx / fy - 1).abs() > 0.01).any():
        LOGGER.warning("Pulsar has one focal length: the mean of those for x and y is used, which differ by more than 1%.")
    focal_length = torch.full_like(fx, znear - 1e-5)
    sensor_width = focal_length * width / ((fx + fy) / 2)
    cx, cy = width / 2 - camera_matrix[:, 0, 2, None], camera_matrix[:, 1, 2, None] - height / 2
    to_world = R.transpose(1, 2)
    position = -(to_world @ tvec)[:, :, 0]
    return torch.cat((position, matrix_to_rotation_6d(to_world), focal_length, sensor_width, cx, cy), 1)


def _pulsar_from_cameras_projection(cameras: PerspectiveCameras, image_size: torch.Tensor) -> torch.Tensor:
    return _pulsar_from_opencv_projection(*_opencv_from_cameras_projection(cameras, image_size), image_size)
