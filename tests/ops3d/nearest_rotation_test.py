"""The op nearest_rotation and its gradient, against torch.linalg.svd, and for matrices that are degenerate."""

import math

import pytest
import torch

from bisque3d.testing import OpTests, random_of, same
from tests.testing.functions import functions


def nearest_rotation(matrices, allow_reflection=False):
    return torch.ops.bisque.nearest_rotation(matrices, allow_reflection)


class TestNearestRotation(OpTests):
    op = "bisque::nearest_rotation"
    gradients = ["matrices"]
    gradcheck_cases = ["small", "reflections", "plane"]

    def inputs_many(self, dtype, random):
        return dict(matrices=random(300, 3, 3, dtype=dtype))

    def inputs_small(self, dtype, random):
        return dict(matrices=random(5, 3, 3, dtype=dtype))

    def inputs_reflections(self, dtype, random):
        return dict(matrices=random(4, 3, 3, dtype=dtype), allow_reflection=True)

    def inputs_plane(self, dtype, random):
        return dict(matrices=random(4, 2, 2, dtype=dtype))

    def inputs_eight(self, dtype, random):
        return dict(matrices=random(4, 8, 8, dtype=dtype))

    def inputs_line(self, dtype, random):
        return dict(matrices=random(4, 1, 1, dtype=dtype))

    def inputs_none(self, dtype, random):
        return dict(matrices=random(0, 3, 3, dtype=dtype))

    def inputs_without_dimensions(self, dtype, random):
        return dict(matrices=random(2, 0, 0, dtype=dtype))

    def reference(self, matrices, allow_reflection=False):
        u, _, vt = torch.linalg.svd(matrices.double())
        if not allow_reflection and matrices.numel():
            u = torch.cat((u[..., :-1], u[..., -1:] * torch.linalg.det(u @ vt)[:, None, None]), -1)
        return (u @ vt).to(matrices.dtype)

    def cuda_close(self, result, expected, dtype):
        assert same(result.cpu(), expected)

    errors = [(dict(matrices=torch.zeros(2, 3, 4)), r"nearest_rotation: expected matrices to have shape \[N, D, D\] = \[\*, \*, 3\], but got \[2, 3, 4\]")]


def frames(count, dimension=3, seed=6):
    q, _ = torch.linalg.qr(random_of(seed)(count, dimension, dimension, dtype=torch.float64))
    return q * torch.linalg.det(q)[:, None, None] ** dimension if dimension % 2 else q


@pytest.mark.parametrize("strengths", [[0, 0, 0], [0, 0, 2], [0, 1, 2], [1, 1, 1], [1, 1, 2], [1e-14, 1e-7, 1]])
@pytest.mark.parametrize("scale", [1, 2.0**-600, 2.0**600])
def test_degenerate_matrices(strengths, scale):
    u, v = frames(20), frames(20, seed=8)
    matrices = scale * (u * torch.tensor(strengths, dtype=torch.float64) @ v.mT)
    for reflected in (matrices, matrices * torch.tensor([-1.0, 1, 1], dtype=torch.float64)):
        rotations = nearest_rotation(reflected)
        torch.testing.assert_close(rotations @ rotations.mT, torch.eye(3).double().expand_as(rotations), rtol=0, atol=1e-13)
        torch.testing.assert_close(torch.linalg.det(rotations), torch.ones(20).double(), rtol=0, atol=1e-13)
        best = torch.linalg.svdvals(reflected)
        best[:, 2] *= torch.linalg.det(reflected / scale).sign()  # 0 or a sum that is the same with either sign
        torch.testing.assert_close((rotations * reflected).sum((1, 2)) / scale, best.sum(1) / scale, rtol=1e-12, atol=1e-12)
    if strengths[1] > 0 and strengths[0] >= 0:  # of rank 2 or 3: the rotation is determined
        torch.testing.assert_close(nearest_rotation(matrices), u @ v.mT, rtol=0, atol=1e-8 if strengths[1] < 1e-3 else 1e-12)


def test_zero_gives_the_identity():
    assert nearest_rotation(torch.zeros(1, 4, 4)).tolist() == torch.eye(4)[None].tolist()


@pytest.mark.parametrize("strengths", [[2.0, 2, 2], [1, 3, 3], [0, 1, 1]])
def test_the_gradient_for_equal_singular_values(strengths):
    matrices = frames(3) * torch.tensor(strengths, dtype=torch.float64) @ frames(3, seed=2).mT
    assert torch.autograd.gradcheck(nearest_rotation, (matrices.requires_grad_(),))


@pytest.mark.parametrize("strengths", [[0.0, 0, 0], [0, 0, 1], [1, 1, -1]])
def test_the_gradient_is_finite_where_the_rotation_is_not_determined(strengths):
    matrices = (frames(3) * torch.tensor(strengths, dtype=torch.float64) @ frames(3, seed=2).mT).requires_grad_()
    (nearest_rotation(matrices) * torch.arange(9).reshape(3, 3)).sum().backward()
    assert matrices.grad.isfinite().all() and matrices.grad.abs().max() < 1e3


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_values_that_are_not_finite_give_nan(bad):
    matrices = torch.eye(3).repeat(2, 1, 1)
    matrices[1, 0, 1] = bad
    rotations = nearest_rotation(matrices.requires_grad_())
    assert rotations[0].tolist() == torch.eye(3).tolist() and rotations[1].isnan().all()
    rotations.sum().backward()
    assert matrices.grad[0].isfinite().all() and matrices.grad[1].isnan().any()


def test_cpp_has_the_same_options():
    matrices = random_of(1)(6, 3, 3)
    for allow_reflection in (False, True):
        assert torch.equal(functions.nearest_rotation(matrices, allow_reflection), nearest_rotation(matrices, allow_reflection))
