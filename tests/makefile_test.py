"""make SETUP=0 installs nothing."""

import os
import shutil
import subprocess

import pytest

from tests.build import ROOT


@pytest.mark.parametrize("setup", ["0", "1"])
def test_setup_0_installs_nothing(setup, tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("apt-get", "dpkg-query", "cmake"):  # no package is installed, and installing fails
        (programs / name).write_text(f"#!/bin/sh\necho {name} \"$@\" >> {tmp_path}/calls\n[ {name} = cmake ]\n")
        (programs / name).chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    result = subprocess.run(["make", "build", f"SETUP={setup}"], cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"PATH": path})
    calls = (tmp_path / "calls").read_text()
    assert (result.returncode == 0) == (setup == "0"), result.stderr
    assert ("apt-get" in calls) == (setup == "1") and ("cmake" in calls) == (setup == "0")
    assert not (tmp_path / ".venv").exists()
