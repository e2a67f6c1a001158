"""Which folders CMake takes for ops, and what it says of the others."""

import subprocess

import pytest

from tests.build import ROOT

PROJECT = """
cmake_minimum_required(VERSION 3.24)
project(op_folders LANGUAGES NONE)
include({root}/cmake/BisqueOps.cmake)
bisque_op_sources(host cuda ${{CMAKE_SOURCE_DIR}}/ops {arguments})
message(STATUS "host: ${{host}}")
message(STATUS "cuda: ${{cuda}}")
"""


def configure(folder, files, arguments=""):
    """The exit code and output of CMake for a project with these files under ops/."""
    for file in files:
        (folder / "ops" / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / "ops" / file).touch()
    (folder / "CMakeLists.txt").write_text(PROJECT.format(root=ROOT, arguments=arguments))
    command = [ROOT / ".venv/bin/cmake", "-G", "Ninja", "-S", folder, "-B", folder / "build"]
    return subprocess.run(command, capture_output=True, text=True)


def sources(result, part):
    (line,) = [line for line in result.stdout.splitlines() if line.startswith(f"-- {part}: ")]
    return {path.rpartition("/ops/")[2] for path in line.partition(": ")[2].split(";") if path}


def message_of(result):
    assert result.returncode != 0
    return " ".join(result.stderr.split())


OPS = ["blur/blur.h", "blur/blur.cpp", "blur/blur_cpu.cpp", "blur/blur_cuda.cu", "read/read.cpp"]
FAMILY = ["norm/norm_kernels.h", "norm/norm_cpu.cpp", "norm/norm_cuda.cu", "row_norm/row_norm.cpp"]


def test_an_op_with_cuda_kernels_is_compiled_twice(tmp_path):
    result = configure(tmp_path, OPS)
    assert result.returncode == 0, result.stderr
    assert sources(result, "host") == {"blur/blur.cpp", "blur/blur_cpu.cpp", "read/read.cpp"}
    assert sources(result, "cuda") == {"blur/blur_cuda.cu", "blur/blur.cpp"}


def test_ops_that_share_kernels_are_compiled_for_cuda(tmp_path):
    result = configure(tmp_path, FAMILY)
    assert result.returncode == 0, result.stderr
    assert sources(result, "host") == {"norm/norm_cpu.cpp", "row_norm/row_norm.cpp"}
    assert sources(result, "cuda") == {"norm/norm_cuda.cu", "row_norm/row_norm.cpp"}


@pytest.mark.parametrize("file", ["blur/gauss.cpp", "blur/blur.cc", "blur/blur_kernels.h", "blur/blur_cuda.cu", "blur/deeper/blur.cpp"])
def test_a_folder_that_is_no_op_is_an_error(tmp_path, file):
    message = message_of(configure(tmp_path, ["good/good.cpp", file]))
    assert f"{tmp_path}/ops/blur is not an op folder, expected blur.cpp in it" in message


def test_folders_after_except_are_left_out(tmp_path):
    result = configure(tmp_path, ["good/good.cpp", "io/reader.cpp"], "EXCEPT io")
    assert sources(result, "host") == {"good/good.cpp"}


def test_empty_folders_and_pythons_cache_are_left_out(tmp_path):
    (tmp_path / "ops/empty").mkdir(parents=True)
    result = configure(tmp_path, ["good/good.cpp", "__pycache__/a.pyc"])
    assert sources(result, "host") == {"good/good.cpp"}


@pytest.mark.parametrize("files", [[], ["blur.cpp"]])
def test_a_library_without_ops_is_an_error(tmp_path, files):
    message = message_of(configure(tmp_path, files))
    assert f"There is no op folder under {tmp_path}/ops, expected folders NAME with a file NAME.cpp." in message
