"""The op quaternion_to_matrix and its gradients, against torch. Hostile and singular inputs: tests/ops3d/transforms."""

import pytest
import torch

from bisque3d.testing import OpTests


class TestQuaternionToMatrix(OpTests):
    op = "bisque::quaternion_to_matrix"
    gradients = ["quaternions"]
    gradcheck_cases = ["few"]
    twice_differentiable = True

    def inputs_few(self, dtype, random):
        return dict(quaternions=random(6, 4, dtype=dtype))

    def inputs_many(self, dtype, random):
        return dict(quaternions=random(5000, 4, dtype=dtype))

    def inputs_none(self, dtype, random):
        return dict(quaternions=random(0, 4, dtype=dtype))

    def reference(self, quaternions):
        w, x, y, z = (quaternions / quaternions.norm(dim=1, keepdim=True)).unbind(1)
        rows = [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)]
        rows += [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)]
        rows += [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]
        return torch.stack(rows, 1).view(-1, 3, 3)

    errors = [
        (dict(quaternions=torch.zeros(4, 5)), r"quaternion_to_matrix: expected quaternions to have shape \[N, 4\] = \[\*, 4\], but got \[4, 5\]"),
        (dict(quaternions=torch.zeros(4, 4, dtype=torch.int32)), "quaternion_to_matrix: expected quaternions to be float32 or float64, but got int32"),
    ]


@pytest.mark.cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_cuda_second_gradient(dtype):
    generator = torch.Generator().manual_seed(0)
    rows, grad_rows = torch.randn(2, 40, 4, generator=generator, dtype=dtype)
    arguments = grad_rows, torch.randn(40, 3, 3, generator=generator, dtype=dtype), rows
    op = torch.ops.bisque._quaternion_to_matrix_backward_backward
    for got, expected in zip(op(*(a.cuda() for a in arguments)), op(*arguments), strict=True):
        torch.testing.assert_close(got.cpu(), expected, rtol=1e-4, atol=1e-5)
