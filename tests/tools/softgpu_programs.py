"""CUDA programs of the tests: compiled by the nvcc of the build, run on its softgpu."""

import functools
import hashlib
import os
import pathlib
import subprocess

import pytest

from tests.build import BUILD, ROOT, build_lock

SOURCES = ROOT / "tests" / "tools" / "softgpu"
SOFTGPU = BUILD / "softgpu" / "softgpu"
FLAGS = ["-std=c++17", "-O2", "--expt-relaxed-constexpr", "--extended-lambda", "--cudart", "shared"]


@functools.cache
def cmake_cache() -> dict[str, str]:
    """The variables of the build's CMakeCache.txt."""
    lines = (BUILD / "CMakeCache.txt").read_text().splitlines()
    entries = (line.partition("=") for line in lines if "=" in line and not line.startswith(("#", "//")))
    return {name.partition(":")[0]: value for name, _, value in entries}


def skip_without_softgpu() -> None:
    if cmake_cache()["BISQUE_CUDA_BUILT"] != "TRUE":
        pytest.skip("this build has no CUDA, and so no softgpu", allow_module_level=True)


def skip_without_cuda_ops() -> None:
    """Skips the test if ops have no CUDA part."""
    skip_without_softgpu()
    if not (pathlib.Path(cmake_cache()["BISQUE_TORCH_DIR"]) / "lib" / "libtorch_cuda.so").exists():
        pytest.skip("the torch of this build has no CUDA, and so the ops have none", allow_module_level=True)


def compiled(name: str, code: str) -> pathlib.Path:
    """The program of NAME.cu with this code (`compute_75`, `sm_75`), compiled if its sources or nvcc changed."""
    cache = cmake_cache()
    nvcc = cache["CMAKE_CUDA_COMPILER"]
    arch = code.replace("sm_", "compute_")
    command = [nvcc, *FLAGS, "-gencode", f"arch={arch},code={code}"]
    command += ["-fmad=false"] if name == "both" else []  # the CPU, whose results it compares, is to round as often
    if cache.get("CMAKE_CUDA_HOST_COMPILER"):
        command += ["-ccbin", cache["CMAKE_CUDA_HOST_COMPILER"]]
    source = SOURCES / f"{name}.cu"
    key = hashlib.sha256("\0".join(command).encode() + source.read_bytes() + (SOURCES / "t.h").read_bytes())
    key.update(str(os.stat(nvcc).st_mtime_ns).encode())
    program = BUILD / "softgpu_tests" / f"{name}.{code}.{key.hexdigest()[:16]}"
    with build_lock():
        if not program.exists():
            program.parent.mkdir(exist_ok=True)
            for old in program.parent.glob(f"{name}.{code}.*"):
                old.unlink()
            # Under another name until it is whole: a compiler that is killed leaves part of it.
            part = program.with_suffix(".part")
            result = subprocess.run([*command, "-o", part, source], capture_output=True, text=True)
            assert result.returncode == 0, f"{source} does not compile:\n{result.stdout}{result.stderr}"
            part.rename(program)
    return program


def on_softgpu(*command, timeout: float = 300, **settings: str) -> subprocess.CompletedProcess:
    """Runs a command on softgpu with only these SOFTGPU_ variables: on_softgpu(program, "race", CHECK="mem,race")."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SOFTGPU_")}
    env |= {f"SOFTGPU_{name}": str(value) for name, value in settings.items()}
    words = [str(word) for word in (SOFTGPU, *command)]
    return subprocess.run(words, env=env, capture_output=True, text=True, timeout=timeout)


def softgpu_lines(result: subprocess.CompletedProcess) -> list[str]:
    """The output of softgpu itself."""
    lines = result.stdout.splitlines() + result.stderr.splitlines()
    return [line.removeprefix("softgpu: ") for line in lines if line.startswith("softgpu: ")]
