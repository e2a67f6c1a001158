"""The op rotation_6d_to_matrix and its gradients, against torch. Hostile and singular inputs: tests/ops3d/transforms."""

import pytest
import torch

from bisque3d.testing import OpTests


class TestRotation6dToMatrix(OpTests):
    op = "bisque::rotation_6d_to_matrix"
    gradients = ["d6"]
    gradcheck_cases = ["few"]
    twice_differentiable = True

    def inputs_few(self, dtype, random):
        return dict(d6=random(6, 6, dtype=dtype))

    def inputs_none(self, dtype, random):
        return dict(d6=random(0, 6, dtype=dtype))

    def inputs_many(self, dtype, random):  # of no nearly parallel vectors, at which float32 is inexact
        d6 = random(3000, 6, dtype=dtype)
        cosines = torch.cosine_similarity(d6[:, :3], d6[:, 3:])
        return dict(d6=d6[cosines.abs() < 0.99])

    def reference(self, d6):
        x = torch.nn.functional.normalize(d6[:, :3])
        y = torch.nn.functional.normalize(d6[:, 3:] - (x * d6[:, 3:]).sum(1, keepdim=True) * x)
        return torch.stack([x, y, torch.linalg.cross(x, y)], 1)

    errors = [
        (dict(d6=torch.zeros(4, 7)), r"rotation_6d_to_matrix: expected d6 to have shape \[N, 6\] = \[\*, 6\], but got \[4, 7\]"),
        (dict(d6=torch.zeros(4, 6, dtype=torch.int32)), "rotation_6d_to_matrix: expected d6 to be float32 or float64, but got int32"),
    ]


@pytest.mark.cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_cuda_second_gradient(dtype):
    generator = torch.Generator().manual_seed(0)
    rows, grad_rows = torch.randn(2, 40, 6, generator=generator, dtype=dtype)
    arguments = grad_rows, torch.randn(40, 3, 3, generator=generator, dtype=dtype), rows
    op = torch.ops.bisque._rotation_6d_to_matrix_backward_backward
    for got, expected in zip(op(*(a.cuda() for a in arguments)), op(*arguments), strict=True):
        torch.testing.assert_close(got.cpu(), expected, rtol=1e-4, atol=1e-5)
