"""bisque softgpu: finds the launcher in the build tree and installed, and gives the command's exit code."""

import os
import shutil
import signal
import subprocess

import pytest

from tests.cli.program import BISQUE, fail, run, succeed
from tests.tools.softgpu_programs import compiled, skip_without_softgpu


@pytest.fixture(scope="module")
def bugs():
    """A CUDA program with or without a bug, depending on its argument."""
    skip_without_softgpu()
    return compiled("bugs", "compute_75")


def test_runs_a_cuda_program(bugs, tmp_path):
    launches = tmp_path / "launches"
    result = succeed("softgpu", bugs, "write_ok", env={"SOFTGPU_LAUNCHES": str(launches)})
    assert (result.stdout, result.stderr) == ("", "")
    assert launches.read_text() == "_Z4fillPfi\n"


def test_gives_the_exit_code_of_what_it_runs(bugs):
    result = run("softgpu", bugs, "write")
    assert result.returncode == 97 and "out of bounds: global write" in result.stderr
    assert run("softgpu", "sh", "-c", "exit 3").returncode == 3
    assert run("softgpu", "sh", "-c", "kill -TERM $$").returncode == -signal.SIGTERM


def test_arguments_arrive_as_they_are(bugs):
    words = ["-q", "--help", "a b", "", "--", "$HOME", "-o=x"]
    assert succeed("softgpu", "printf", "%s|", *words).stdout == "".join(f"{word}|" for word in words)


def test_wrong_command_lines():
    assert fail("softgpu", code=2).startswith("COMMAND is required")
    assert fail("softgpu", "--", code=2).startswith("COMMAND is required")
    assert "--quick" in fail("softgpu", "--quick", "true", code=2)
    assert "softgpu COMMAND" in succeed("softgpu", "--help").stdout


def test_a_command_that_is_not_there(bugs):
    result = run("softgpu", "no-such-program")
    assert result.returncode == 127
    assert result.stderr == 'softgpu: "no-such-program" was not found.\n'


def test_a_build_without_it_says_so(tmp_path):
    """The program finds softgpu from its own location."""
    (tmp_path / "bin").mkdir()
    copy = shutil.copy(BISQUE, tmp_path / "bin")
    env = os.environ | {"LD_LIBRARY_PATH": str(BISQUE.parent.parent / "lib")}
    result = subprocess.run([copy, "softgpu", "true"], env=env, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr.startswith("bisque: softgpu is not part of this build") and result.stderr.count("\n") == 1
