"""softgpu reports the bugs of an op library called from Python, and is silent on their correct twins."""

import re
import sys

import pytest

from tests.tools.softgpu_programs import BUILD, ROOT, on_softgpu, skip_without_cuda_ops, softgpu_lines

skip_without_cuda_ops()
LIBRARY = BUILD / "tests" / "tools" / "libplanted_bugs.so"

# What the report of each must say.
BUGS = {
    "missing_barrier": r"race on shared memory inside a block: .*reverse_blocks_kernel",
    "read_past_end": r"out of bounds: global read of 4 .*add_next_kernel.* 0 bytes past the end of the device .* 520",
    "write_past_end": r"out of bounds: global write of 4 .*twice_kernel.* 0 bytes past the end of the device .* 520",
    "blocks_race": r"race on global memory between blocks: .*count_blocks_kernel",
    "uninitialised_read": r"uninitialised read: global read of 4 bytes .*copy_kernel.*offset 516 of 520",
}


def call(*names):
    return on_softgpu(sys.executable, ROOT / "tests/tools/planted_bugs/run.py", LIBRARY, *names, CHECK="mem,race,init")


@pytest.mark.parametrize("name", BUGS)
def test_bug_is_reported(name):
    result = call(name)
    assert result.returncode == 97, result.stdout + result.stderr
    reports = softgpu_lines(result)
    assert re.match(BUGS[name], reports[0]), result.stderr
    assert re.search(r"planted_bugs\.cu:\d+\)", reports[0])
    assert reports[-1] == f"{len(reports) - 1} report(s)"


def test_correct_twins_are_right_and_silent():
    result = call(*(f"{name}_ok" for name in BUGS))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
