"""opcheck of the backward ops, with the arguments that gradients give them; the kit checks the ops themselves (OpTests.test_opcheck)."""

import importlib
import pathlib

import pytest
import torch
from bisque3d import plugins
from bisque3d.testing import OpTests
from torch.utils._python_dispatch import TorchDispatchMode

ROOT = pathlib.Path(__file__).resolve().parents[2]


def classes() -> list[type]:
    files = [*(ROOT / "tests" / "ops3d").glob("*_test.py"), *(ROOT / "tests" / "core" / "ops").glob("**/*_test.py")]
    modules = [importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts)) for file in sorted(files)]
    found = {value for module in modules for value in vars(module).values() if isinstance(value, type) and issubclass(value, OpTests)}
    return sorted((cls for cls in found if cls.gradients and cls is not OpTests), key=lambda cls: cls.op)


class Recorder(TorchDispatchMode):
    """The calls of ops of this project."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        if op.namespace == "bisque":
            self.calls.append((op, args, kwargs or {}))
        return op(*args, **(kwargs or {}))


CLASSES = classes()
HAVE_BACKWARD = [name for plugin in plugins() for name, _, backward in plugin._ops if backward]  # of other ops the gradient is a composition


def test_there_are_classes():
    assert len(CLASSES) > 25


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.op.split("::")[1])
def test_backward_ops(cls):
    tests = cls()
    case = (tests.gradcheck_cases or tests.case_names())[0]
    for gradients in (cls.gradients, cls.gradients[:1]):  # all gradients, and one alone
        tests.gradients = gradients
        with Recorder() as recorder:
            tests.gradients_of(tests.inputs(case, torch.float64))
        backward = [call for call in recorder.calls if call[0]._schema.name.endswith("_backward")]
        assert len(backward) == (cls.op in HAVE_BACKWARD)
        for op, args, kwargs in backward:
            torch.library.opcheck(op, args, kwargs, test_utils=("test_schema", "test_faketensor"))
