"""Euler angles in all conventions, against products of matrix exponentials."""

import itertools
import math

import pytest
import torch

from tests.testing.functions import functions

from .rotations import CONVENTIONS, exp_skew, random_matrices

AXES = torch.eye(3, dtype=torch.float64)
SPECIAL = [-math.pi, -math.pi / 2, -0.3, 0.0, 1e-9, 0.7, math.pi / 2, 3.0, math.pi]


def product(angles, convention):
    first, second, third = (exp_skew(angles[..., i, None] * AXES["XYZ".index(letter)]) for i, letter in enumerate(convention))
    return first @ second @ third


def same(got, expected, atol=1e-13):
    torch.testing.assert_close(got, expected, rtol=0, atol=atol)


def locked_angle(convention):
    """A middle angle at which the first and third cannot be told apart."""
    return math.pi / 2 if convention[0] != convention[2] else 0.0


def locked(convention, sign, offset=0.0, dtype=torch.float64):
    """Matrices whose middle angle is `offset` from gimbal lock, of each of the two ways of it."""
    middle = sign * locked_angle(convention) if convention[0] != convention[2] else (math.pi if sign < 0 else 0.0)
    angles = torch.tensor([[a, middle + offset, c] for a in (0.0, 0.4, -2.0, 3.0) for c in (0.0, 1.1, -2.5)], dtype=torch.float64)
    return product(angles, convention).to(dtype)


def test_there_are_twelve_conventions():
    assert len(CONVENTIONS) == 12


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_matrices(convention):
    angles = torch.tensor(list(itertools.product(SPECIAL, repeat=3)), dtype=torch.float64)
    same(functions.euler_angles_to_matrix(angles, convention), product(angles, convention))
    assert functions.euler_angles_to_matrix(angles.reshape(81, 9, 3), convention).shape == (81, 9, 3, 3)
    assert functions.euler_angles_to_matrix(torch.zeros(0, 3), convention).shape == (0, 3, 3)
    assert torch.autograd.gradcheck(lambda x: functions.euler_angles_to_matrix(x, convention), (angles[:3].clone().requires_grad_(),))


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("dtype, atol", [(torch.float64, 1e-13), (torch.float32, 3e-6)])
def test_angles_within_their_range_come_back(convention, dtype, atol):
    low, high = (-1.5, 1.5) if convention[0] != convention[2] else (0.05, 3.1)
    outer, middle = [-3.1, -1.6, -0.2, 0.0, 1.5, 3.1], [low, (low + high) / 2 + 0.1, high]
    angles = torch.tensor(list(itertools.product(outer, middle, outer)), dtype=torch.float64)
    got = functions.matrix_to_euler_angles(product(angles, convention).to(dtype), convention)
    assert got.dtype == dtype
    same(got.double(), angles, 30 * atol)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("dtype, atol", [(torch.float64, 1e-13), (torch.float32, 3e-6)])
def test_matrices_come_back(convention, dtype, atol):
    near = [locked(convention, sign, offset, dtype) for sign in (1, -1) for offset in (0.0, 1e-12, 1e-7, -1e-5, 1e-3)]
    matrices = torch.cat([random_matrices(200).to(dtype), torch.eye(3, dtype=dtype)[None], *near])
    angles = functions.matrix_to_euler_angles(matrices, convention)
    same(functions.euler_angles_to_matrix(angles, convention), matrices, atol)
    middle = angles[:, 1]
    low, high = (-math.pi / 2, math.pi / 2) if convention[0] != convention[2] else (0, math.pi)
    assert (middle >= low - 1e-6).all() and (middle <= high + 1e-6).all()
    assert (angles.abs() <= math.pi + 1e-6).all()


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_gimbal_lock(convention, sign, dtype):
    matrices = locked(convention, sign, dtype=dtype).requires_grad_()
    angles = functions.matrix_to_euler_angles(matrices, convention)
    assert not angles[:, 2].any()
    (gradient,) = torch.autograd.grad(angles.sum(), matrices)
    assert gradient.isfinite().all() and gradient.abs().max() < 10


def test_gimbal_lock_of_exact_matrices():
    quarter = torch.tensor([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    same(functions.matrix_to_euler_angles(quarter, "XYZ"), torch.tensor([0, math.pi / 2, 0]), 0)
    same(functions.matrix_to_euler_angles(torch.eye(3), "ZXZ"), torch.zeros(3), 0)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_gradient(convention):
    matrices = random_matrices(2, seed=2).requires_grad_()
    function = lambda matrix: functions.matrix_to_euler_angles(matrix, convention)
    assert torch.autograd.gradcheck(function, (matrices,))
    assert torch.autograd.gradgradcheck(function, (matrices,))


def test_leading_sizes():
    matrices = random_matrices(6).reshape(2, 3, 3, 3)
    got = functions.matrix_to_euler_angles(matrices, "ZYX")
    same(got.reshape(6, 3), functions.matrix_to_euler_angles(matrices.reshape(6, 3, 3), "ZYX"), 0)
    assert functions.matrix_to_euler_angles(torch.zeros(0, 3, 3), "XYZ").shape == (0, 3)


@pytest.mark.parametrize("convention", ["XXY", "XYY", "XY", "XYZX", "xyz", "ABC", "", "XYW"])
def test_bad_conventions(convention):
    message = rf'expected the convention to be three letters of X, Y and Z of which neighbours differ, but got "{convention}"\.'
    with pytest.raises(RuntimeError, match=f"euler_angles_to_matrix: {message}"):
        functions.euler_angles_to_matrix(torch.zeros(3), convention)
    with pytest.raises(RuntimeError, match=f"matrix_to_euler_angles: {message}"):
        functions.matrix_to_euler_angles(torch.eye(3), convention)


def test_bad_shapes():
    with pytest.raises(RuntimeError, match=r"euler_angles_to_matrix: expected euler_angles to have shape \[..., 3\], but got \[2\]\."):
        functions.euler_angles_to_matrix(torch.zeros(2), "XYZ")
    with pytest.raises(RuntimeError, match=r"matrix_to_euler_angles: expected matrix to have shape \[..., 3, 3\], but got \[3\]\."):
        functions.matrix_to_euler_angles(torch.zeros(3), "XYZ")
