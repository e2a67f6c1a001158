"""The op that docs/ops.md builds from nothing compiles as it is written there."""

import pathlib
import re
import subprocess

import torch

from tests.build import BUILD, ROOT

FILES = ["plane_distance_kernels.h", "plane_distance.cpp", "plane_distance_cuda.cu"]


def test_the_op_of_the_tutorial_compiles(tmp_path):
    blocks = re.findall(r"```cpp\n(.*?)```", (ROOT / "docs/ops.md").read_text(), re.DOTALL)
    folder = tmp_path / "bisque_of_the_test/ops3d/plane_distance"
    folder.mkdir(parents=True)
    for name, block in zip(FILES, blocks):
        (folder / name).write_text(block.replace("<bisque/ops3d/plane_distance/", "<bisque_of_the_test/ops3d/plane_distance/"))
    includes = ["-I", tmp_path, "-I", BUILD / "include", "-isystem", pathlib.Path(torch.__file__).parent / "include"]
    options = ["-std=c++20", "-fvisibility=hidden", "-fsyntax-only", "-DTORCH_TARGET_VERSION=0x020a000000000000"]
    result = subprocess.run(["g++", *options, *includes, folder / "plane_distance.cpp"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "BISQUE_ON_CUDA(bisque::PlaneDistanceBackward)" in (folder / "plane_distance_cuda.cu").read_text()
