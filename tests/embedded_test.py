"""Bisque as a part of another project: add_subdirectory and FetchContent."""

import os
import subprocess

import pytest

from tests.build import ROOT

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
