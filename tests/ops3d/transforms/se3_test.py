"""se3_exp_map and se3_log_map, against the matrix exponential of 4x4 matrices."""

import math

import pytest
import torch

from tests.testing.functions import functions

from .rotations import ANGLES, LARGE_ANGLES, jacobians, rotation_vectors, skew


def same(got, expected, atol=1e-13):
    torch.testing.assert_close(got, expected, rtol=0, atol=atol)


def exponential(log_transform):
    """For row vectors: the transpose of exp([[hat(w), u], [0, 0]])."""
    u, w = log_transform[..., :3], log_transform[..., 3:]
    top = torch.cat([skew(w), u[..., None]], -1)
    return torch.linalg.matrix_exp(torch.cat([top, torch.zeros_like(top[..., :1, :])], -2)).mT


def log_transforms(angles):
    rotations = rotation_vectors(angles)
    translations = torch.randn(len(rotations), 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    return torch.cat([translations, rotations], 1)


def test_exponential_and_its_gradient():
    logs = log_transforms(ANGLES + LARGE_ANGLES)
    got = functions.se3_exp_map(logs)
    same(got, exponential(logs))
    assert torch.equal(got[:, :, 3], torch.tensor([0.0, 0, 0, 1], dtype=torch.float64).expand(len(got), 4))
    same(jacobians(functions.se3_exp_map, logs), jacobians(exponential, logs), 1e-10)
    same(functions.se3_exp_map(logs.float()).double(), exponential(logs.float().double()), 5e-6)


def test_second_derivatives_at_zero():
    logs = log_transforms([0.0, 0.2, 2.0])[::6].clone().requires_grad_()
    assert torch.autograd.gradcheck(functions.se3_exp_map, (logs,))
    assert torch.autograd.gradgradcheck(functions.se3_exp_map, (logs,))


@pytest.mark.parametrize("dtype, atol", [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_logarithm(dtype, atol):
    logs = log_transforms(ANGLES)
    same(functions.se3_log_map(exponential(logs).to(dtype)).double(), logs, atol)
    half_turns = exponential(log_transforms([math.pi]))
    same(exponential(functions.se3_log_map(half_turns.to(dtype)).double()), half_turns, atol)


def test_gradient_of_the_logarithm():
    logs = log_transforms([0.0, 1e-6, 0.2, 0.26, 2.0, math.pi - 1e-5])
    round_trip = lambda x: functions.se3_log_map(functions.se3_exp_map(x))
    same(jacobians(round_trip, logs), torch.eye(6, dtype=torch.float64).expand(len(logs), 6, 6), 1e-8)
    for flip in ([1.0, 1, 1, 1], [1.0, -1, -1, 1]):
        transform = torch.diag(torch.tensor(flip)).requires_grad_()
        (gradient,) = torch.autograd.grad(functions.se3_log_map(transform).sum(), transform)
        assert gradient.isfinite().all()


def test_leading_sizes():
    logs = log_transforms([0.5])
    got = functions.se3_exp_map(logs.reshape(2, 3, 6))
    same(got.reshape(6, 4, 4), functions.se3_exp_map(logs), 0)
    same(functions.se3_log_map(got), logs.reshape(2, 3, 6))
    assert functions.se3_exp_map(torch.zeros(6)).equal(torch.eye(4))
    assert functions.se3_exp_map(torch.zeros(0, 6)).shape == (0, 4, 4)
    assert functions.se3_log_map(torch.zeros(0, 4, 4)).shape == (0, 6)


def test_errors():
    with pytest.raises(RuntimeError, match=r"se3_exp_map: expected log_transform to have shape \[..., 6\], but got \[2, 3\]\."):
        functions.se3_exp_map(torch.zeros(2, 3))
    with pytest.raises(RuntimeError, match=r"se3_log_map: expected transform to have shape \[..., 4, 4\], but got \[3, 3\]\."):
        functions.se3_log_map(torch.eye(3))
    for place in ((0, 3), (2, 3), (3, 3)):
        transform = torch.eye(4).repeat(2, 1, 1)
        transform[(1, *place)] += 0.5
        with pytest.raises(RuntimeError, match=r"se3_log_map: expected the last column of transform to be \[0, 0, 0, 1\]\."):
            functions.se3_log_map(transform)
    with pytest.raises(RuntimeError, match=r"so3_log_map: expected R to have traces"):
        functions.se3_log_map(torch.diag(torch.tensor([2.0, 2, 2, 1])))
