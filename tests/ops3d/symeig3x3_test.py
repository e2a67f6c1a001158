"""The op symeig3x3 and its gradient, against torch.linalg.eigh, and for matrices that are degenerate."""

import math

import pytest
import torch

from bisque3d.testing import OpTests, random_of, same
from tests.testing.functions import functions


def symmetric(matrices):
    return (matrices + matrices.mT) / 2


def oriented(vectors):
    """The op's convention: the largest component of two vectors is positive, and the third makes the frame right-handed."""
    largest = vectors.gather(-2, vectors.abs().argmax(-2, keepdim=True))
    vectors = vectors * largest.sign()
    last = torch.linalg.cross(vectors[..., 0], vectors[..., 1])
    return torch.stack((vectors[..., 0], vectors[..., 1], last), -1)


class TestSymEig3x3(OpTests):
    op = "bisque::symeig3x3"
    gradients = ["inputs"]
    gradcheck_cases = ["small", "values_alone"]

    def inputs_many(self, dtype, random):
        return dict(inputs=random(500, 3, 3, dtype=dtype))

    def inputs_small(self, dtype, random):
        return dict(inputs=random(6, 3, 3, dtype=dtype))

    def inputs_values_alone(self, dtype, random):
        return dict(inputs=random(5, 3, 3, dtype=dtype), eigenvectors=False)

    def inputs_none(self, dtype, random):
        return dict(inputs=random(0, 3, 3, dtype=dtype))

    def reference(self, inputs, eigenvectors=True):
        values, vectors = torch.linalg.eigh(symmetric(inputs.double()))
        vectors = oriented(vectors) if eigenvectors else torch.zeros(0)
        return values.to(inputs.dtype), vectors.to(inputs.dtype)

    tolerance = {torch.float32: dict(rtol=1e-5, atol=1e-5), torch.float64: dict(rtol=1e-10, atol=1e-10)}

    def cuda_close(self, result, expected, dtype):
        assert same(result.cpu(), expected)

    errors = [
        (dict(inputs=torch.zeros(2, 3, 4)), r"symeig3x3: expected inputs to have shape \[N, 3, 3\] = \[\*, 3, 3\], but got \[2, 3, 4\]"),
        (dict(inputs=torch.zeros(2, 3, 3, dtype=torch.int64)), "symeig3x3: expected inputs to be float32 or float64, but got int64"),
    ]


def hard_matrices() -> torch.Tensor:
    """Float64: repeated eigenvalues, ranks 0 to 2, almost diagonal, of very different sizes."""
    random = random_of(4)
    frames, _ = torch.linalg.qr(random(8, 3, 3, dtype=torch.float64))
    spectra = torch.tensor([[0, 0, 0], [1, 1, 1], [1, 1, 2], [-1, 2, 2], [0, 0, 3], [1, 1 + 1e-9, 5], [-3, 0, 3], [1e-12, 1e-6, 1]], dtype=torch.float64)
    turned = symmetric(frames * spectra[:, None] @ frames.mT)
    nearly_diagonal = torch.diag(torch.tensor([3.0, 1, 2], dtype=torch.float64)) + 1e-15
    return torch.cat((turned, torch.diag_embed(spectra), nearly_diagonal[None]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_degenerate_matrices(dtype):
    matrices = hard_matrices().to(dtype)
    eps = torch.finfo(dtype).eps
    for scale in (1, 2.0**-100, 2.0**100, *((2.0**-1000, 2.0**1000) if dtype == torch.float64 else ())):
        values, vectors = torch.ops.bisque.symeig3x3(matrices * scale)
        values = values / scale
        torch.testing.assert_close(values, torch.linalg.eigvalsh(matrices.double()).to(dtype), rtol=8 * eps, atol=16 * eps)
        again = vectors * values[:, None] @ vectors.mT
        torch.testing.assert_close(again, matrices, rtol=8 * eps, atol=32 * eps)
        torch.testing.assert_close(vectors.mT @ vectors, torch.eye(3, dtype=dtype).expand_as(vectors), rtol=0, atol=8 * eps)
        torch.testing.assert_close(torch.linalg.det(vectors), torch.ones(len(vectors), dtype=dtype), rtol=0, atol=16 * eps)


def test_a_diagonal_matrix_is_exact():
    values, vectors = torch.ops.bisque.symeig3x3(torch.diag(torch.tensor([3.0, -1, 0.1]))[None])
    assert values.tolist() == torch.tensor([[-1.0, 0.1, 3]]).tolist()
    assert vectors.tolist() == [[[0, 0, 1], [1, 0, 0], [0, 1, 0]]]


def test_values_that_are_not_finite_give_nan():
    for bad in (math.nan, math.inf):
        inputs = torch.eye(3).repeat(2, 1, 1)
        inputs[1, 0, 2] = bad
        inputs.requires_grad_()
        values, vectors = torch.ops.bisque.symeig3x3(inputs)
        assert values[0].isfinite().all() and values[1].isnan().all() and vectors[1].isnan().all()
        values.sum().backward()
        assert inputs.grad[0].isfinite().all() and inputs.grad[1].isnan().all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_gradient_of_repeated_eigenvalues_is_finite(dtype):
    matrices = hard_matrices().to(dtype).requires_grad_()
    values, vectors = torch.ops.bisque.symeig3x3(matrices)
    (values.sum() + (vectors * torch.arange(9).reshape(3, 3)).sum()).backward()
    assert matrices.grad.isfinite().all()


def test_the_gradient_of_a_function_that_does_not_see_the_choice_of_vectors():
    """The eigenvector of the one eigenvalue that differs, and the sum of the two equal ones, are smooth."""
    frame, _ = torch.linalg.qr(random_of(9)(3, 3, dtype=torch.float64))
    matrix = symmetric(frame * torch.tensor([1.0, 1, 4], dtype=torch.float64) @ frame.T)[None]

    def smooth(inputs):
        values, vectors = torch.ops.bisque.symeig3x3(inputs)
        return values[:, :2].sum(), vectors[..., 2:] @ vectors[..., 2:].mT

    assert torch.autograd.gradcheck(smooth, (matrix.requires_grad_(),))


def test_cpp_takes_any_leading_dimensions():
    inputs = random_of(2)(2, 4, 5, 3, 3)
    values, vectors = functions.symeig3x3(inputs)
    expected = torch.ops.bisque.symeig3x3(inputs.reshape(-1, 3, 3))
    assert torch.equal(values, expected[0].reshape(2, 4, 5, 3)) and torch.equal(vectors, expected[1].reshape(2, 4, 5, 3, 3))
    values, vectors = functions.symeig3x3(inputs[0, 0, 0], False)
    assert values.shape == (3,) and vectors.shape == (0,)
    with pytest.raises(RuntimeError, match=r"symeig3x3: expected inputs to have shape \[..., 3, 3\], but got \[3, 2\]"):
        functions.symeig3x3(torch.zeros(3, 2))


@pytest.mark.cuda
def test_cuda_gives_the_same_bits_for_degenerate_matrices():
    for result, expected in zip(torch.ops.bisque.symeig3x3(hard_matrices().cuda()), torch.ops.bisque.symeig3x3(hard_matrices()), strict=True):
        assert same(result.cpu(), expected)
