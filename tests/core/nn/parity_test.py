"""Compares the Module core with torch.nn: a C++ program (tests/core/nn/parity/) and Python do the same, case by case."""

import json
import pathlib
import subprocess
import sys
import warnings

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import parity_hooks  # noqa: E402
import parity_state  # noqa: E402
import parity_tree  # noqa: E402

from tests.build import BUILD

CASES = {
    parity_tree: ["reprs", "named", "apply_order"],
    parity_state: ["state_dict_keys", "load_errors", "state_hook_order", "values_after_loading"],
    parity_hooks: ["order", "gradients_that_are_none", "replaced", "one_tensor_and_twice", "keywords", "always_called", "nested"],
}


def theirs(module, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of backward hooks where no input requires a gradient: ours warns, too
        return getattr(module, name)()


@pytest.fixture(scope="module")
def ours():
    run = subprocess.run([BUILD / "bin" / "module_parity"], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_every_case_is_compared(ours):
    assert set(ours) == {name for names in CASES.values() for name in names} | {"errors", "hook_errors"}


@pytest.mark.parametrize("module, name", [(module, name) for module, names in CASES.items() for name in names])
def test_is_as_in_python(ours, module, name):
    assert ours[name] == theirs(module, name)


@pytest.mark.parametrize("module, name", [(parity_tree, "errors"), (parity_hooks, "hook_errors")])
def test_errors_say_what_python_says(ours, module, name):
    theirs_all = theirs(module, name)
    assert set(ours[name]) == set(theirs_all)
    for case, message in theirs_all.items():
        if message is None:
            assert ours[name][case] is None, case
        else:
            assert message.rstrip(".") in ours[name][case], case
