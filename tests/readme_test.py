"""Every command and code block of the README works in the tree, as written."""

import os
import re
import subprocess
import sys

import pytest

from tests.build import ROOT, build_lock

TEXT = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.S)


# `make test` is what runs this.
COMMANDS = [
    line.split("  #")[0].strip()
    for block in blocks("sh")
    for line in block.splitlines()
    if line.strip() and not line.startswith("make test")
]


def run(command, **env) -> str:
    result = subprocess.run(command, shell=isinstance(command, str), cwd=ROOT, env=os.environ | env, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    return result.stdout


def test_there_are_commands_and_blocks():
    assert any(command.startswith("make demo") for command in COMMANDS) and len(COMMANDS) >= 6
    assert len(blocks("cpp")) == 2 and len(blocks("python")) == len(blocks("cmake")) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_command(command):
    if command.startswith("docker "):  # `make test-container` runs it
        assert (ROOT / re.search(r"-f (\S+)", command)[1]).is_file()
        return
    (ROOT / "out").mkdir(exist_ok=True)
    with build_lock():
        run(command, PWD=str(ROOT))


def test_python_block():
    assert "tensor([" in run([sys.executable, "-c", blocks("python")[0]], PYTHONPATH="python")


def test_cpp_blocks_build_against_the_installed_package(tmp_path):
    """As a user's project: with the CMake lines of the README, and the package that its `make install` has installed."""
    prefix = ROOT / "out" / "prefix"
    if not prefix.is_dir():
        pytest.fail(f"{prefix} does not exist; expected test_command to have installed it.")
    align, fit = blocks("cpp")
    cmake = blocks("cmake")[0]
    project, target = cmake[: cmake.index("add_executable")], cmake[cmake.index("add_executable") :]
    (tmp_path / "CMakeLists.txt").write_text(project + target + target.replace("align", "fit"))
    (tmp_path / "align.cpp").write_text(align)
    (tmp_path / "fit.cpp").write_text(fit)
    run(["cmake", "-S", tmp_path, "-B", tmp_path / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}"])
    run(["cmake", "--build", tmp_path / "build"])
    offset_gradient = run([tmp_path / "build" / "align"])
    assert "CPUFloatType{3}" in offset_gradient
    coefficients = run([tmp_path / "build" / "fit"])
    assert "CPUFloatType{1,52}" in coefficients
