"""Cameras of OpenCV and Pulsar, against their projections written out."""

import logging

import pytest
import torch

from bisque3d.renderer import PerspectiveCameras
from bisque3d.transforms import random_rotations, rotation_6d_to_matrix
from bisque3d.utils.camera_conversions import (
    cameras_from_opencv_projection,
    opencv_from_cameras_projection,
    pulsar_from_cameras_projection,
    pulsar_from_opencv_projection,
)


@pytest.fixture
def opencv():
    torch.manual_seed(0)
    K = torch.tensor([[310.0, 0, 70], [0, 290, 52], [0, 0, 1]], dtype=torch.float64).expand(3, -1, -1)
    return dict(R=random_rotations(3, dtype=torch.float64), tvec=torch.tensor([[0.1, -0.2, 4.0]], dtype=torch.float64).expand(3, -1), camera_matrix=K)


SIZE = torch.tensor([[100, 160], [160, 100], [128, 128]])


@pytest.mark.parametrize("pixel_center", [0.5, 0.0])
def test_pixels_are_the_same(opencv, pixel_center):
    points = torch.rand(3, 9, 3, dtype=torch.float64) - 0.5
    view = points @ opencv["R"].mT + opencv["tvec"][:, None]
    pixels = (view @ opencv["camera_matrix"].mT)[..., :2] / view[..., 2:]
    cameras = cameras_from_opencv_projection(**opencv, image_size=SIZE, pixel_center=pixel_center)
    # Ours has the center of the first pixel at (0.5, 0.5).
    torch.testing.assert_close(cameras.transform_points_screen(points)[..., :2], pixels + 0.5 - pixel_center)
    back = opencv_from_cameras_projection(cameras, SIZE, pixel_center=pixel_center)
    for result, expected in zip(back, opencv.values()):
        torch.testing.assert_close(result, expected.contiguous())


def test_the_default_is_that_of_pytorch3d(opencv):
    cameras = cameras_from_opencv_projection(**opencv, image_size=SIZE)
    half, scale = SIZE.flip(1) / 2, SIZE.amin(1, True) / 2
    torch.testing.assert_close(cameras.principal_point, (half - opencv["camera_matrix"][:, :2, 2]) / scale)
    torch.testing.assert_close(cameras.focal_length[:, 0], 310 / scale[:, 0].double())
    assert cameras.in_ndc()


def test_cameras_in_pixels(opencv):
    cameras = cameras_from_opencv_projection(**opencv, image_size=SIZE)
    in_pixels = PerspectiveCameras(
        R=cameras.R, T=cameras.T, focal_length=((310.0, 290.0),), principal_point=((70.0, 52.0),), in_ndc=False, image_size=SIZE
    )
    for result, expected in zip(opencv_from_cameras_projection(in_pixels, SIZE), opencv.values()):
        torch.testing.assert_close(result, expected.contiguous())


def test_gradients(opencv):
    inputs = [tensor.clone().requires_grad_() for tensor in opencv.values()]

    def there_and_back(R, tvec, camera_matrix):
        cameras = cameras_from_opencv_projection(R, tvec, camera_matrix, SIZE)
        return opencv_from_cameras_projection(cameras, SIZE)

    assert torch.autograd.gradcheck(there_and_back, inputs)


def test_pulsar(opencv, caplog):
    size = SIZE[:1].expand(3, -1)
    opencv["camera_matrix"] = opencv["camera_matrix"].clone()
    opencv["camera_matrix"][:, 1, 1] = 310
    with caplog.at_level(logging.WARNING):
        parameters = pulsar_from_opencv_projection(**opencv, image_size=size, znear=0.2)
    assert not caplog.records
    assert parameters.shape == (3, 13)
    center = -(opencv["R"].mT @ opencv["tvec"][:, :, None])[..., 0]
    torch.testing.assert_close(parameters[:, :3], center)
    torch.testing.assert_close(rotation_6d_to_matrix(parameters[:, 3:9]), opencv["R"].mT)
    focal, sensor = parameters[:, 9], parameters[:, 10]
    torch.testing.assert_close(focal / sensor * 160, torch.full((3,), 310.0, dtype=torch.float64))
    torch.testing.assert_close(parameters[:, 11:], torch.tensor([[10.0, 2.0]], dtype=torch.float64).expand(3, -1))
    cameras = cameras_from_opencv_projection(**opencv, image_size=size)
    torch.testing.assert_close(pulsar_from_cameras_projection(cameras, size)[:, 3:9], parameters[:, 3:9])


def test_pulsar_has_one_focal_length_and_size(opencv, caplog):
    size = SIZE[:1].expand(3, -1)
    with caplog.at_level(logging.WARNING):
        pulsar_from_opencv_projection(**opencv, image_size=size)
    assert "differ by more than 1%" in caplog.text
    for change, message in (
        (dict(image_size=SIZE), "the same width and height"),
        (dict(image_size=size * 0), "height and width to be positive"),
        (dict(R=opencv["R"][:, :2]), r"expected R to have shape \[N, 3, 3\]"),
        (dict(tvec=opencv["tvec"][:, :2]), r"expected tvec to have shape"),
        (dict(tvec=opencv["tvec"][:2]), "one batch size"),
    ):
        with pytest.raises(AssertionError, match=message):
            pulsar_from_opencv_projection(**{**opencv, "image_size": size, **change})
