"""The test kit as an author outside the tree uses it: a folder with a test file and no conftest.py."""

import os
import re
import subprocess
import sys

import pytest

from tests.build import BUILD, ROOT
from tests.tools.softgpu_programs import SOFTGPU, skip_without_cuda_ops

AFFINE = f"""
import pytest, torch
from bisque3d.testing import OpTests

class TestAffine(OpTests):
    op = "acme::affine"
    library = {os.fspath(BUILD / "lib/libacme_ops.so")!r}
    on_cuda_too = False

    def inputs_three(self, dtype, random):
        return dict(x=random(3, dtype=torch.float64), factor=3.0)

    def reference(self, x, factor):
        return 3 * x, x * x, x.sign().long()

    @pytest.mark.cuda
    def test_of_its_own(self):
        raise AssertionError("there is no CUDA device")
"""

# The bug of a CUDA kernel; the result is that of the CPU all the same.
PLANTED = f"""
import pytest, torch
from bisque3d.testing import OpTests

torch.ops.load_library({os.fspath(BUILD / "tests/tools/libplanted_bugs.so")!r})

@torch.library.impl("planted_bugs::@OP", "CPU")
def on_the_cpu(x, planted):
    return @RESULT

class TestOp(OpTests):
    op = "planted_bugs::@OP"

    def inputs_planted(self, dtype, random):
        return dict(x=random(130, dtype=dtype), planted=True)

    def inputs_twin(self, dtype, random):
        return dict(x=random(130, dtype=dtype), planted=False)

    def cuda_close(self, result, expected, dtype):
        pass  # the report alone decides

@pytest.mark.cuda
@pytest.mark.parametrize("planted", [True, False])
def test_function(planted):
    torch.ops.planted_bugs.@OP(torch.ones(130).cuda(), planted)

@pytest.mark.cuda
def test_skipped_afterwards():
    torch.ops.planted_bugs.@OP(torch.ones(130).cuda(), True)
    pytest.skip("too late")

@pytest.fixture
def made_with_the_bug():
    torch.ops.planted_bugs.@OP(torch.ones(130).cuda(), True)

@pytest.mark.cuda
def test_fixture(made_with_the_bug):
    pass
"""

# The op, its result on the CPU, and what its report says.
BUGS = {
    "blocks_race": ("torch.tensor([float(-(-len(x) // 64))])", r"race on global memory between blocks: .*count_blocks_kernel.*planted_bugs\.cu:\d+"),
    "write_past_end": ("2 * x", r"out of bounds: global write of 4 .*twice_kernel.*planted_bugs\.cu:\d+"),
    "uninitialised_read": ("x", r"uninitialised read: global read of 4 bytes .*copy_kernel.*planted_bugs\.cu:\d+"),
}


def run_kit(folder, text: str, *options, runner=()):
    (folder / "kit_test.py").write_text(text)
    command = [*runner, sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "--strict-markers", *options, "kit_test.py"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "python"), "SOFTGPU_CHECK": "mem,race,init", "PYTEST_ADDOPTS": ""}
    return subprocess.run([str(word) for word in command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def outcomes(result) -> dict[str, str]:
    lines = re.findall(r"^(PASSED|FAILED|ERROR|SKIPPED) kit_test\.py::(\S+)", result.stdout, re.MULTILINE)
    return {name: outcome for outcome, name in lines}


def test_loads_the_library_and_registers_its_marker(tmp_path):
    result = run_kit(tmp_path, AFFINE, "-W", "error::pytest.PytestWarning", "-k", "reference or left_alone or own")
    assert result.returncode == 0, result.stdout
    assert "3 passed, 1 skipped" in result.stdout and "no CUDA device is available" in result.stdout


def test_a_wrong_result_fails(tmp_path):
    result = run_kit(tmp_path, AFFINE.replace("return 3 * x", "return 4 * x"), "-k", "reference")
    assert result.returncode == 1 and "2 failed" in result.stdout


def test_an_op_that_no_library_registered(tmp_path):
    result = run_kit(tmp_path, re.sub("library = .*", "", AFFINE), "-k", "left_alone")
    assert result.returncode == 1
    assert "the op acme::affine is not registered, expected the class to name its library" in result.stdout


def test_a_library_that_cannot_be_loaded(tmp_path):
    (tmp_path / "libcut.so").write_bytes((BUILD / "lib/libacme_ops.so").read_bytes()[:5000])
    result = run_kit(tmp_path, re.sub("library = .*", "library = 'libcut.so'", AFFINE))
    assert result.returncode == 2 and re.search(r"libcut\.so: is truncated", result.stdout)


@pytest.mark.parametrize("op", BUGS)
def test_what_softgpu_reports_fails_its_own_test(op, tmp_path):
    skip_without_cuda_ops()
    on_the_cpu, report = BUGS[op]
    text = PLANTED.replace("@OP", op).replace("@RESULT", on_the_cpu)
    result = run_kit(tmp_path, text, "-k", "(cuda_results and float32) or function or afterwards or fixture", runner=[SOFTGPU])
    assert outcomes(result) == {
        "TestOp::test_cuda_results[planted-float32]": "FAILED",
        "TestOp::test_cuda_results[twin-float32]": "PASSED",
        "test_function[True]": "FAILED",
        "test_function[False]": "PASSED",
        "test_skipped_afterwards": "FAILED",
        "test_fixture": "ERROR",
    }, result.stdout + result.stderr
    # Each has its own report, though they are of one bug.
    assert len(re.findall(r"^softgpu reported.*:\n" + report, result.stdout, re.MULTILINE)) == 4
    assert result.returncode == 97  # softgpu's, which the program's exit code becomes
