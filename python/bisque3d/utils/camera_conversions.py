"""Conversions of cameras to and from OpenCV's convention and Pulsar's."""

from typing import Tuple

import torch

from ..renderer.camera_conversions import (
    _cameras_from_opencv_projection,
    _opencv_from_cameras_projection,
    _pulsar_from_cameras_projection,
    _pulsar_from_opencv_projection,
)
from ..renderer.cameras import PerspectiveCameras


def cameras_from_opencv_projection(
    R: torch.Tensor, tvec: torch.Tensor, camera_matrix: torch.Tensor, image_size: torch.Tensor, pixel_center: float = 0.5
) -> PerspectiveCameras:
    """The cameras of OpenCV: view = R world + tvec with column vectors, +X right, +Y down.

    R and camera_matrix are [N, 3, 3], tvec is [N, 3], image_size is [N, 2], (height, width). pixel_center is where the camera matrix
    has the center of the first pixel: 0.5 as in PyTorch3D, 0 as in OpenCV.
    """
    return _cameras_from_opencv_projection(R, tvec, camera_matrix, image_size, pixel_center)


def opencv_from_cameras_projection(
    cameras: PerspectiveCameras, image_size: torch.Tensor, pixel_center: float = 0.5
) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """R, tvec and camera_matrix: the inverse of cameras_from_opencv_projection."""
    return _opencv_from_cameras_projection(cameras, image_size, pixel_center)


def pulsar_from_opencv_projection(
    R: torch.Tensor, tvec: torch.Tensor, camera_matrix: torch.Tensor, image_size: torch.Tensor, znear: float = 0.1
) -> torch.Tensor:
    """Pulsar's parameters [N, 13]: position, 6D rotation, focal length, sensor width and principal point.

    Pulsar has one focal length for x and y, the mean of both; its picture is flipped vertically.
    """
    return _pulsar_from_opencv_projection(R, tvec, camera_matrix, image_size, znear)


def pulsar_from_cameras_projection(cameras: PerspectiveCameras, image_size: torch.Tensor) -> torch.Tensor:
    """Pulsar's parameters [N, 13] of perspective cameras. See pulsar_from_opencv_projection."""
    return _pulsar_from_cameras_projection(cameras, image_size)
