"""Every command of the README's shell blocks works in the tree, as written."""

import os
import re
import subprocess

import pytest

from tests.build import ROOT, build_lock

# `make test` is what runs this.
COMMANDS = [
    line.split("  #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    for line in block.splitlines()
    if line.strip() and not line.startswith("make test")
]


def test_there_are_commands():
    assert any(command.startswith("make demo") for command in COMMANDS) and len(COMMANDS) >= 6


@pytest.mark.parametrize("command", COMMANDS)
def test_command(command):
    (ROOT / "out").mkdir(exist_ok=True)
    with build_lock():
        result = subprocess.run(command, shell=True, cwd=ROOT, env=os.environ | {"PWD": str(ROOT)}, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-2000:]
