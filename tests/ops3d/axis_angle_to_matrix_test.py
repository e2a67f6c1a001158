"""The op axis_angle_to_matrix and its gradients, against torch. Hostile and singular inputs: tests/ops3d/transforms."""

import pytest
import torch

from bisque3d.testing import OpTests


class TestAxisAngleToMatrix(OpTests):
    op = "bisque::axis_angle_to_matrix"
    gradients = ["axis_angle"]
    gradcheck_cases = ["few"]
    twice_differentiable = True

    def inputs_few(self, dtype, random):
        return dict(axis_angle=random(6, 3, dtype=dtype))

    def inputs_many(self, dtype, random):
        return dict(axis_angle=random(5000, 3, dtype=dtype))

    def inputs_none(self, dtype, random):
        return dict(axis_angle=random(0, 3, dtype=dtype))

    def inputs_short(self, dtype, random):
        return dict(axis_angle=random(40, 3, dtype=dtype) * torch.logspace(-8, 0, 40, dtype=dtype)[:, None])

    def reference(self, axis_angle):
        x, y, z = axis_angle.unbind(1)
        zero = torch.zeros_like(x)
        return torch.linalg.matrix_exp(torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).view(-1, 3, 3))

    errors = [
        (dict(axis_angle=torch.zeros(4, 4)), r"axis_angle_to_matrix: expected axis_angle to have shape \[N, 3\] = \[\*, 3\], but got \[4, 4\]"),
        (dict(axis_angle=torch.zeros(4, 3, dtype=torch.int32)), "axis_angle_to_matrix: expected axis_angle to be float32 or float64, but got int32"),
    ]


@pytest.mark.cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_cuda_second_gradient(dtype):
    generator = torch.Generator().manual_seed(0)
    rows, grad_rows = torch.randn(2, 40, 3, generator=generator, dtype=dtype)
    arguments = grad_rows, torch.randn(40, 3, 3, generator=generator, dtype=dtype), rows
    op = torch.ops.bisque._axis_angle_to_matrix_backward_backward
    for got, expected in zip(op(*(a.cuda() for a in arguments)), op(*arguments), strict=True):
        torch.testing.assert_close(got.cpu(), expected, rtol=1e-4, atol=1e-5)
