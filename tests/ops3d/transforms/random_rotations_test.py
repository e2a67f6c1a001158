"""Random rotations are rotations, and uniform."""

import math

import pytest
import torch

from tests.testing.functions import functions

COUNT = 20_000


def normals():
    return torch.randn(COUNT, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_quaternions():
    got = functions.random_quaternions(normals())
    torch.testing.assert_close(got.norm(dim=1), torch.ones(COUNT, dtype=torch.float64))
    assert (got[:, 0] >= 0).all()
    torch.testing.assert_close(functions.quaternion_to_matrix(got), functions.random_rotations(normals()))


def test_rotations_are_uniform():
    rotations = functions.random_rotations(normals())
    assert functions.is_rotation_matrix(rotations, 1e-12).all()
    deviation = 1 / math.sqrt(3 * COUNT)  # of the mean of an element, which has the variance 1/3
    assert rotations.mean(0).abs().max() < 5 * deviation
    # The density of the angle is (1 - cos) / pi; its mean is pi / 2 + 2 / pi.
    angles = functions.so3_rotation_angle(rotations)
    assert abs(angles.mean() - (math.pi / 2 + 2 / math.pi)) < 5 * angles.std() / math.sqrt(COUNT)


def test_shapes_and_errors():
    assert functions.random_rotations(torch.randn(2, 5, 4)).shape == (2, 5, 3, 3)
    assert functions.random_quaternions(torch.randn(0, 4)).shape == (0, 4)
    for name in ("random_quaternions", "random_rotations"):
        with pytest.raises(RuntimeError, match=rf"{name}: expected normals to have shape \[..., 4\], but got \[3\]\."):
            getattr(functions, name)(torch.randn(3))
