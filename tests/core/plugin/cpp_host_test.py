"""Ops that the plugin interface of bisque_core loads in a Python process: gradients by core's own autograd kernel, seen with torch's tools."""

import os
import subprocess
import sys

import pytest

from tests.build import BUILD

# A program of its own: these ops are loaded by bisque3d in this one.
PROGRAM = """
import ctypes, sys
import torch
core = ctypes.CDLL(sys.argv[1] + "/libbisque_core.so", mode=ctypes.RTLD_GLOBAL)
core._ZN6bisque7pluginsEv()  # bisque::plugins()
"""
AFFINE = """
x, shift = (torch.randn(5, dtype=torch.float64, requires_grad=True) for _ in range(2))
op = torch.ops.acme.affine
"""
CHECKS = {
    "gradcheck of row_norm": """
x = torch.randn(5, 7, dtype=torch.float64, requires_grad=True)
assert torch.autograd.gradcheck(lambda x: torch.ops.bisque.row_norm(x, None, None, 7, 1e-5)[0], (x,))
""",
    "gradcheck of affine": AFFINE + "assert torch.autograd.gradcheck(lambda a, b: op(a, b, 3.0)[:2], (x, shift))",
    "gradcheck without the optional argument": AFFINE + "assert torch.autograd.gradcheck(lambda a: op(a)[:2], (x,))",
    # Sizes that are symbols are Python's (bisque3d registers those); all else is here.
    "opcheck": AFFINE + "torch.library.opcheck(op.default, (x, shift), test_utils=('test_schema', 'test_autograd_registration', 'test_faketensor'))",
    "compiled into one graph": AFFINE
    + """
f = torch.compile(lambda a, b: op(a * 2, b)[0].sum(), fullgraph=True, backend="aot_eager", dynamic=False)
torch.testing.assert_close(torch.autograd.grad(f(x, shift), (x, shift)), (torch.full_like(x, 4), torch.ones_like(x)))
""",
    "no gradient, silently": """
import warnings
warnings.simplefilter("error")
assert not torch.ops.bisque._batch_norm_stats(torch.randn(4, 3, requires_grad=True))[0].requires_grad
""",
    "checks on meta tensors": """
try:
    torch.ops.acme.affine(torch.empty(2, 2, dtype=torch.float64, device="meta"))
except RuntimeError as error:
    assert "affine: expected x to have shape [N] = [*], but got [2, 2]" in str(error)
else:
    raise AssertionError
""",
}


@pytest.mark.parametrize("check", CHECKS)
def test_in_a_program_of_the_core(check):
    run_in_the_core(CHECKS[check])


def run_in_the_core(check):
    environment = os.environ | {"BISQUE_PLUGINS": str(BUILD / "lib/libacme_ops.so")}
    command = [sys.executable, "-c", PROGRAM + check, str(BUILD / "lib")]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
