"""softgpu's own check: programs that must run right, and planted bugs that it must report, beside correct twins.

BISQUE_SOFTGPU_FULL=1 runs them compiled for compute_90 too, which takes twice as long to compile.
"""

import concurrent.futures
import os
import re
import sys

import pytest

from tests.tools.softgpu_programs import (
    BUILD,
    SOURCES,
    compiled,
    on_softgpu,
    skip_without_cuda_ops,
    skip_without_softgpu,
    softgpu_lines,
)

skip_without_softgpu()

CODES = ["compute_75", "compute_90"] if os.environ.get("BISQUE_SOFTGPU_FULL") else ["compute_75"]
FEATURES = ["basic", "shared", "warp", "atomics", "math", "both", "half", "coop", "cub_block", "cub_device"]
PROGRAMS = [(name, code) for name in [*FEATURES, "print", "bugs", "limits"] for code in CODES] + [("limits", "sm_75")]

# A bug of bugs.cu, and what the report must say. NAME_ok is its correct twin.
BUGS = {
    "read": r"out of bounds: global read of 4 .*thread \(99,0,0\), 0 bytes past the end of the device .* 400",
    "read_far": "out of bounds.*: global read",
    "write": "out of bounds: global write .*0 bytes past the end of the device allocation of 400",
    "null": r"out of bounds \(null pointer",
    "host": "out of bounds.*: global write",
    "freed": "out of bounds: global write.*use after free",
    "race": "race on shared memory inside a block",
    "tree": "race on shared memory inside a block",
    "warp": "race on shared memory inside a block",
    "global": "race on global memory inside a block",
    "cross": "race on global memory between blocks",
    "neighbour": "race on global memory between blocks",
    "bytes": "out of bounds: global write of 1 byte",
    "misaligned": "misaligned address: global read of 4",
    "shared": "out of bounds: shared read",
    "ticket": "race on global memory between blocks",
    "init": "uninitialised read: global",
    "init_part": "uninitialised read: global",
    "deadlock": "deadlock",
    "constant": "write to constant memory",
    "memcpy": "copy to device memory of 404 bytes",
}

all_codes = pytest.mark.parametrize("code", CODES)


@pytest.fixture(scope="module", autouse=True)
def compiled_side_by_side():
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda program: compiled(*program), PROGRAMS))


def says(result, pattern: str) -> bool:
    return any(re.match(pattern, line) for line in softgpu_lines(result))


@all_codes
@pytest.mark.parametrize("name", FEATURES)
def test_feature(name, code):
    result = on_softgpu(compiled(name, code), code.removeprefix("compute_"))
    assert result.returncode == 0, result.stdout + result.stderr
    assert softgpu_lines(result) == []
    assert re.search(r"^[1-9]\d* checks, 0 failed$", result.stdout, re.MULTILINE)


@all_codes
def test_printf_and_assertion(code):
    result = on_softgpu(compiled("print", code))
    assert "thread 1 of 2:  3.14 abc 1099511627776 q ff%" in result.stdout.splitlines()
    assert "text" in result.stdout.splitlines()
    assert re.search("Assertion `threadIdx.x < n. failed", result.stderr)
    assert "cudaErrorAssert" in result.stdout


@all_codes
def test_trap(code):
    assert "cudaErrorLaunchFailure" in on_softgpu(compiled("print", code), "trap").stdout


def test_machine_code_alone_is_rejected_by_name():
    result = on_softgpu(compiled("limits", "sm_75"), "plain")
    assert says(result, "no PTX for kernel _Z5plainPf")
    assert "cudaErrorNoKernelImageForDevice" in result.stdout


@all_codes
def test_unknown_instruction_is_rejected_by_name(code):
    result = on_softgpu(compiled("limits", code), "unknown")
    assert result.returncode == 96
    assert says(result, "unknown PTX instruction: wmma.* in kernel product")


@all_codes
def test_reports_need_not_set_the_exit_code(code):
    result = on_softgpu(compiled("bugs", code), "write", EXIT="0")
    assert result.returncode == 0 and says(result, "out of bounds")


def test_launched_kernels_are_listed(tmp_path):
    on_softgpu(compiled("bugs", "compute_75"), "read_ok", LAUNCHES=tmp_path / "launches")
    assert (tmp_path / "launches").read_text() == "_Z4copyPKfPfii\n"


@all_codes
def test_a_value_written_twice_is_a_race_unless_benign(code):
    result = on_softgpu(compiled("bugs", code), "same")
    assert result.returncode == 97 and says(result, "race on global memory")
    assert on_softgpu(compiled("bugs", code), "same", CHECK="mem,race,benign").returncode == 0


@all_codes
@pytest.mark.parametrize("bug", BUGS)
def test_planted_bug_is_reported(bug, code):
    result = on_softgpu(compiled("bugs", code), bug, CHECK="mem,race,init")
    assert result.returncode == 97, result.stdout + result.stderr
    assert says(result, BUGS[bug]), result.stderr


@all_codes
@pytest.mark.parametrize("bug", BUGS)
def test_correct_twin_is_silent(bug, code):
    result = on_softgpu(compiled("bugs", code), f"{bug}_ok", CHECK="mem,race,init")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_pytorch():
    skip_without_cuda_ops()
    library = BUILD / "tests" / "tools" / "libplanted_bugs.so"
    result = on_softgpu(sys.executable, SOURCES / "torch_check.py", library)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = softgpu_lines(result)
    # of check_that_machine_code_is_rejected
    assert lines and all(line.startswith("no PTX for kernel") for line in lines)
