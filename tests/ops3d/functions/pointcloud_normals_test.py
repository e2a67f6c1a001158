"""estimate_pointcloud_normals, estimate_pointcloud_local_coord_frames and get_point_covariances: known surfaces, and plain torch."""

import math

import pytest
import torch

from bisque3d.testing import random_of
from tests.testing.functions import functions


def sphere(count, random):
    return torch.nn.functional.normalize(random(2, count, 3, dtype=torch.float64), dim=2)


def test_covariances_are_those_of_plain_torch():
    points = random_of(1)(2, 30, 4, dtype=torch.float64)
    covariances, neighbors = functions.get_point_covariances(points, None, 7)
    idx = torch.cdist(points, points).topk(7, largest=False).indices
    expected = torch.stack([cloud[rows] for cloud, rows in zip(points, idx)])
    torch.testing.assert_close(neighbors, expected)
    around = expected - expected.mean(2, keepdim=True)
    torch.testing.assert_close(covariances, torch.einsum("npki,npkj->npij", around, around) / 7)


@pytest.mark.parametrize("offset", [0, 1e4])
def test_normals_of_a_sphere(offset):
    points = sphere(2000, random_of(2))
    normals = functions.estimate_pointcloud_normals((points + offset).to(torch.float64), None, 20)
    cosines = (normals * points).sum(2)
    assert cosines.abs().mean() > 0.995
    assert cosines.abs().min() > 0.8
    # The neighbours lie on the inner side of the tangent plane.
    assert (cosines < 0).double().mean() > 0.99


def test_frames_of_a_plane():
    random = random_of(3)
    frame, _ = torch.linalg.qr(random(3, 3, dtype=torch.float64))
    flat = random(1, 300, 3, dtype=torch.float64) * torch.tensor([1.0, 1, 0], dtype=torch.float64)
    curvatures, frames = functions.estimate_pointcloud_local_coord_frames(flat @ frame.T, None, 10)
    torch.testing.assert_close(curvatures[..., 0], torch.zeros(1, 300).double(), rtol=0, atol=1e-14)
    assert (curvatures.diff(dim=2) >= 0).all()
    torch.testing.assert_close((frames[..., 0] @ frame[:, 2]).abs(), torch.ones(1, 300).double())
    torch.testing.assert_close(frames.mT @ frames, torch.eye(3).double().expand_as(frames))


def test_directions_face_the_majority_of_neighbors():
    points = random_of(4)(1, 100, 3, dtype=torch.float64)
    _, neighbors = functions.get_point_covariances(points, None, 20)
    _, frames = functions.estimate_pointcloud_local_coord_frames(points, None, 20)
    _, plain = functions.estimate_pointcloud_local_coord_frames(points, None, 20, False)
    along = (neighbors - points[:, :, None]) @ frames
    balance = (along > 1e-12).sum(2) - (along < -1e-12).sum(2)
    assert (balance[..., [0, 2]] >= 0).all()
    torch.testing.assert_close(torch.linalg.cross(frames[..., 0], frames[..., 2]), frames[..., 1])
    torch.testing.assert_close((plain * frames).sum(2).abs(), torch.ones(1, 100, 3).double())
    assert not torch.allclose(plain, frames)


def test_clouds_of_several_lengths():
    points = random_of(5)(3, 40, 3, dtype=torch.float64)
    lengths = torch.tensor([40, 12, 0])
    hostile = points.clone()
    hostile[1, 12:], hostile[2] = math.nan, math.inf
    curvatures, frames = functions.estimate_pointcloud_local_coord_frames(hostile, lengths, 8)
    for i, length in enumerate([40, 12]):
        alone = functions.estimate_pointcloud_local_coord_frames(points[i : i + 1, :length], None, 8)
        torch.testing.assert_close(curvatures[i : i + 1, :length], alone[0])
        torch.testing.assert_close(frames[i : i + 1, :length], alone[1])
        assert not curvatures[i, length:].any() and not frames[i, length:].any()
    assert not curvatures[2].any() and not frames[2].any()


@pytest.mark.parametrize("kind", ["line", "same"])
def test_degenerate_clouds_give_frames(kind):
    points = torch.arange(20.0)[None, :, None] * torch.tensor([1.0, 2, 2]) if kind == "line" else torch.ones(1, 20, 3)
    curvatures, frames = functions.estimate_pointcloud_local_coord_frames(points.requires_grad_(), None, 5)
    torch.testing.assert_close(frames.mT @ frames, torch.eye(3).expand_as(frames))
    if kind == "line":
        torch.testing.assert_close((frames[..., 2] @ torch.tensor([1.0, 2, 2]) / 3).abs(), torch.ones(1, 20))
    (curvatures.sum() + frames.sum()).backward()
    assert points.grad.isfinite().all()


def test_gradients():
    points = random_of(6)(1, 12, 3, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda points: functions.estimate_pointcloud_local_coord_frames(points, None, 6), (points,))


@pytest.mark.parametrize(
    "points, lengths, neighborhood_size, message",
    [
        (torch.zeros(1, 20, 2), None, 5, r"expected points to have shape \[N, P, 3\], but got \[1, 20, 2\]"),
        (torch.zeros(20, 3), None, 5, r"expected points to have shape \[N, P, D\], but got \[20, 3\]"),
        (torch.zeros(1, 20, 3), None, 20, "expected each cloud to have more points than neighborhood_size = 20, but one has 20"),
        (torch.zeros(2, 20, 3), torch.tensor([20, 4]), 5, "expected each cloud to have more points than neighborhood_size = 5, but one has 4"),
        (torch.zeros(1, 20, 3), None, 0, "expected neighborhood_size to be at least 1, but got 0"),
        (torch.zeros(2, 20, 3), torch.tensor([20]), 5, r"expected lengths to be int64 \[N\] = \[2\] on cpu, but got torch.int64 \[1\] on cpu"),
    ],
)
def test_errors(points, lengths, neighborhood_size, message):
    with pytest.raises(RuntimeError, match="estimate_pointcloud_local_coord_frames: " + message):
        functions.estimate_pointcloud_local_coord_frames(points, lengths, neighborhood_size)


def test_batches_without_clouds_or_points():
    for shape in ((0, 5, 3), (2, 0, 3)):
        curvatures, frames = functions.estimate_pointcloud_local_coord_frames(torch.zeros(shape), None, 3)
        assert curvatures.shape == shape and frames.shape == (*shape, 3)
