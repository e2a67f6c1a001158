"""Quaternion arithmetic, against products of matrices."""

import pytest
import torch

from tests.testing.functions import functions


def random(*sizes, seed=0):
    return torch.randn(*sizes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def left_matrices(q):
    """L with L b = a b, from the multiplication table of 1, i, j, k."""
    w, x, y, z = q.unbind(-1)
    rows = [w, -x, -y, -z, x, w, -z, y, y, z, w, -x, z, -y, x, w]
    return torch.stack(rows, -1).unflatten(-1, (4, 4))


def test_the_table_of_units():
    one, i, j, k = torch.eye(4)
    multiply = functions.quaternion_raw_multiply
    for a, b, expected in [(i, j, k), (j, k, i), (k, i, j), (j, i, -k), (i, i, -one), (j, j, -one), (k, k, -one), (one, k, k), (k, one, k)]:
        assert torch.equal(multiply(a, b), expected)


def test_products():
    a, b = random(7, 1, 4), random(5, 4, seed=1)
    expected = (left_matrices(a) @ b[..., None])[..., 0]
    torch.testing.assert_close(functions.quaternion_raw_multiply(a, b), expected)
    positive = torch.where(expected[..., :1] < 0, -expected, expected)
    torch.testing.assert_close(functions.quaternion_multiply(a, b), positive)
    torch.testing.assert_close(functions.standardize_quaternion(expected), positive)
    assert torch.autograd.gradcheck(functions.quaternion_raw_multiply, (a.requires_grad_(), b.requires_grad_()))


def test_product_is_the_product_of_rotations():
    a, b = random(6, 4), random(6, 4, seed=1)
    to_matrix = functions.quaternion_to_matrix
    torch.testing.assert_close(to_matrix(functions.quaternion_multiply(a, b)), to_matrix(a) @ to_matrix(b))


def test_inverse():
    q = torch.nn.functional.normalize(random(6, 4), dim=-1)
    identity = torch.tensor([1.0, 0, 0, 0], dtype=torch.float64).expand(6, 4)
    torch.testing.assert_close(functions.quaternion_raw_multiply(q, functions.quaternion_invert(q)), identity)


def test_apply():
    q, points = torch.nn.functional.normalize(random(6, 1, 4), dim=-1), random(9, 3)
    got = functions.quaternion_apply(q, points)
    torch.testing.assert_close(got, points @ functions.quaternion_to_matrix(q)[:, 0].mT)
    torch.testing.assert_close(functions.quaternion_apply(2 * q, points), 4 * got)  # as q p q*
    assert torch.autograd.gradcheck(functions.quaternion_apply, (q[:2].clone().requires_grad_(), points[:2].clone().requires_grad_()))
    assert functions.quaternion_apply(torch.zeros(0, 4), torch.zeros(0, 3)).shape == (0, 3)


def test_standardize_keeps_a_real_part_of_zero():
    q = torch.tensor([[0.0, -1, 0, 0], [-0.0, -1, 0, 0]])
    assert torch.equal(functions.standardize_quaternion(q), q)


@pytest.mark.parametrize("name", ["quaternion_raw_multiply", "quaternion_multiply"])
@pytest.mark.parametrize(
    "a, b, message",
    [
        (torch.zeros(3), torch.zeros(4), r"expected a to have shape \[..., 4\], but got \[3\]\."),
        (torch.zeros(4), torch.zeros(2, 3), r"expected b to have shape \[..., 4\], but got \[2, 3\]\."),
        (torch.zeros(2, 4), torch.zeros(3, 4), r"expected batches that are equal or 1, but got \[2, 4\] and \[3, 4\]\."),
        (torch.zeros(4), torch.zeros(4).double(), "expected one dtype and device, but got float on cpu and double on cpu."),
    ],
)
def test_errors(name, a, b, message):
    with pytest.raises(RuntimeError, match=f"{name}: {message}"):
        getattr(functions, name)(a, b)


def test_errors_of_apply():
    with pytest.raises(RuntimeError, match=r"quaternion_apply: expected point to have shape \[..., 3\], but got \[4\]\."):
        functions.quaternion_apply(torch.zeros(4), torch.zeros(4))
    with pytest.raises(RuntimeError, match=r"quaternion_apply: expected batches that are equal or 1, but got \[2, 4\] and \[3, 3\]\."):
        functions.quaternion_apply(torch.zeros(2, 4), torch.zeros(3, 3))
