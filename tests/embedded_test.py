"""Bisque as a part of another project: add_subdirectory and FetchContent."""

import json
import os
import re
import subprocess

import pytest

from tests.build import ROOT
from tests.tools.softgpu_programs import cmake_cache

WAYS = {
    "add_subdirectory": f"add_subdirectory({ROOT} bisque)",
    "FetchContent": "include(FetchContent)\n"
    f"FetchContent_Declare(bisque SOURCE_DIR {ROOT})\n"
    "FetchContent_MakeAvailable(bisque)",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_project_contains_bisque(way, tmp_path):
    """What the project compiles itself is built: a source with the core's headers and an op library. Bisque's own libraries are not."""
    (tmp_path / "main.cpp").write_text("#include <bisque/core/value.h>\nint main() { return bisque::Value(1).is_none(); }\n")
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 4.0)\n"
        "project(outer VERSION 1 LANGUAGES CXX)\n"
        "set(BISQUE_CUDA OFF)\n"
        f"{WAYS[way]}\n"
        "add_executable(main main.cpp)\n"
        "target_link_libraries(main PRIVATE bisque::bisque_renderer)\n"
        f"bisque_op_library(outer_ops {ROOT}/tests/installed/acme/ops)\n"
    )
    build = tmp_path / "build"

    def run(*command):
        result = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=os.environ | {"FORCE_CUDA": "0"})
        assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
        return result.stdout

    run("cmake", "-S", tmp_path, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", f"-DFETCHCONTENT_BASE_DIR={tmp_path}/fetched")
    targets = run("cmake", "--build", build, "--target", "help")
    assert "libbisque_renderer.so" in targets and "test_core" not in targets, "tests belong to a build of Bisque alone"
    run("cmake", "--install", build, "--prefix", tmp_path / "prefix")
    assert not (tmp_path / "prefix").exists(), "what is installed is the project's own"
    run("cmake", "--build", build, "--target", "CMakeFiles/main.dir/main.cpp.o")
    assert (build / "CMakeFiles/main.dir/main.cpp.o").exists()
    if way == "add_subdirectory":  # once is enough
        run("cmake", "--build", build, "--target", "outer_ops")
        assert list(build.rglob("libouter_ops.so"))
    assert not list(build.rglob("libbisque_*.so"))


def test_cuda_is_compiled_for_the_machines_gpus_with_the_users_flags(tmp_path):
    """PTX for 7.5 and machine code for the GPUs that nvidia-smi lists and nvcc knows."""
    if cmake_cache()["BISQUE_CUDA_BUILT"] != "TRUE":
        pytest.skip("CUDA is not built")
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\nprintf '8.9\\n8.9\\n5.0\\n12.0\\n'\n")
    program.chmod(0o755)
    command = ["cmake", "-S", ROOT, "-B", tmp_path / "build", "-G", "Ninja", "-DBISQUE_TESTS=OFF", "-DCMAKE_CUDA_FLAGS=-DBY_THE_USER"]
    environment = {name: value for name, value in os.environ.items() if name not in ("CUDAARCHS", "CUDAFLAGS")}
    environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stderr
    assert re.search(r"^-- Bisque \S+: with CUDA 13\S* for 75-virtual 89-real 120-real ", result.stdout, re.M)
    commands = json.loads((tmp_path / "build/compile_commands.json").read_text())
    kernels = [entry["command"] for entry in commands if entry["file"].endswith(".cu")]
    assert len(kernels) >= 5
    for text in kernels:
        for option in ("-DBY_THE_USER", "-lineinfo", "-fmad=false", "sm_89", "sm_120", "compute_75"):
            assert option in text
        assert "sm_75" not in text
