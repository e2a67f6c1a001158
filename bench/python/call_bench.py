"""What a call of an op from Python costs, beside one of torch's own, and what importing the package costs."""

import os
import sys

from harness import ROOT, bench, peer

CALLS = 1000


def row_norm():
    sys.path.insert(0, str(ROOT / "python"))
    from bisque3d._ops import ops

    return ops.row_norm.default


def tensors(requires_grad=False):
    import torch

    return [torch.rand(*sizes, requires_grad=requires_grad) for sizes in ((4, 16), (16,), (16,))]


def repeat(call):
    def calls():
        for _ in range(CALLS):
            call()

    return calls


@bench("py_call", work=f"{CALLS:,} calls of row_norm with 4 x 16 values, from Python")
def call():
    op, (x, weight, bias) = row_norm(), tensors()
    return repeat(lambda: op(x, weight, bias, 16, 1e-5))


@peer("py_call", "torch.native_layer_norm")
def call_of_torch():
    import torch

    x, weight, bias = tensors()
    return repeat(lambda: torch.native_layer_norm(x, [16], weight, bias, 1e-5))


@bench("py_call_backward", work=f"{CALLS:,} calls of row_norm with 4 x 16 values and their gradients, from Python")
def call_with_gradient():
    op, (x, weight, bias) = row_norm(), tensors(requires_grad=True)
    return repeat(lambda: op(x, weight, bias, 16, 1e-5)[0].sum().backward())


@peer("py_call_backward", "torch.native_layer_norm")
def call_with_gradient_of_torch():
    import torch

    x, weight, bias = tensors(requires_grad=True)
    return repeat(lambda: torch.native_layer_norm(x, [16], weight, bias, 1e-5)[0].sum().backward())


def importing(*modules):
    """Imports modules in a copy of this process, which has imported torch."""
    import importlib

    import torch  # noqa: F401

    sys.path.insert(0, str(ROOT / "python"))

    def call():
        child = os.fork()
        if child == 0:
            for module in modules:
                importlib.import_module(module)
            os._exit(0)
        if os.waitpid(child, 0)[1] != 0:
            raise SystemExit("the import failed")

    return call


@bench("py_import", work="import bisque3d and its op libraries, on top of torch", note="in a forked process")
def import_ops():
    return importing("bisque3d", "bisque3d._ops")


@bench("py_import_all", work="import all that a PyTorch3D script uses: structures, ops, losses, transforms, files and renderers", note="in a forked process")
def import_all():
    return importing(*(f"bisque3d.{name}" for name in ("structures", "ops", "loss", "transforms", "io", "utils", "renderer")))


@bench("py_fork", work="what of py_import is the forked process")
def fork():
    return importing()
