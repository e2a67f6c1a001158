"""Ops of ops3d that bisque_core loads in a Python process."""

import pytest

from tests.core.plugin.cpp_host_test import run_in_the_core

CHECKS = {
    "gradcheck of knn_points": """
p1, p2 = (torch.randn(1, n, 3, dtype=torch.float64, requires_grad=True) for n in (5, 7))
assert torch.autograd.gradcheck(lambda a, b: torch.ops.bisque.knn_points(a, b, None, None, 3)[0], (p1, p2))
""",
    "marching_cubes has no gradient, without a warning": """
import warnings
warnings.simplefilter("error")
assert not torch.ops.bisque.marching_cubes(torch.randn(1, 3, 3, 3, requires_grad=True))[0].requires_grad
""",
}


@pytest.mark.parametrize("check", CHECKS)
def test_in_a_program_of_the_core(check):
    run_in_the_core(CHECKS[check])
