"""scripts/count_kernels.py and softgpu-kernels: which kernels libraries hold, and which of them did not run."""

import subprocess
import sys

import pytest

from tests.tools.softgpu_programs import BUILD, ROOT, cmake_cache, compiled, skip_without_cuda_ops

skip_without_cuda_ops()
LIBRARY = BUILD / "lib" / "libbisque_ops_cuda.so"


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True)


def list_kernels(*libraries):
    return run(BUILD / "softgpu" / "softgpu-kernels", *libraries)


def count(library, launches):
    return run(sys.executable, ROOT / "scripts" / "count_kernels.py", library, "--launches", launches, "--build", BUILD)


def count_line(compiled_kernels: int, ran: int) -> str:
    archs = cmake_cache()["BISQUE_CUDA_ARCHS"].replace(";", " ")
    return f"CUDA: {compiled_kernels} kernels compiled for {archs}, {ran} run on softgpu"


@pytest.fixture
def ours():
    """The kernels of our library; template instances are told apart."""
    names = set(list_kernels(LIBRARY).stdout.split())  # two files may have an instance in common
    assert sum("blendshapes_grad_neutral" in name for name in names) == 2
    return sorted(name for name in names if name.startswith("_ZN6bisque"))


def test_all_ran(ours, tmp_path):
    (tmp_path / "launches").write_text("\n".join([*ours, *ours, "_ZN3cub6kernelEv"]) + "\n")
    result = count(LIBRARY, tmp_path / "launches")
    assert (result.returncode, result.stdout.strip()) == (0, count_line(len(ours), len(ours))), result.stderr


def test_one_that_did_not_run_is_named(ours, tmp_path):
    left_out = next(name for name in ours if "blendshapes_grad_neutralId" in name)
    (tmp_path / "launches").write_text("\n".join(name for name in ours if name != left_out))
    result = count(LIBRARY, tmp_path / "launches")
    assert result.returncode == 1
    assert "blendshapes_grad_neutral<double>" in result.stdout and "blendshapes_grad_neutral<float>" not in result.stdout
    assert result.stdout.splitlines()[-1] == count_line(len(ours), len(ours) - 1)


def test_no_test_ran_on_softgpu(ours, tmp_path):
    result = count(LIBRARY, tmp_path / "none")
    assert result.returncode == 1 and result.stdout.splitlines()[-1] == count_line(len(ours), 0)


def test_libraries_without_a_kernel_of_ours(tmp_path):
    (tmp_path / "launches").write_text("")
    result = count(compiled("bugs", "compute_75"), tmp_path / "launches")
    assert result.returncode == 1 and "no PTX of a kernel of ours" in result.stdout


def test_kernels_of_a_program_and_machine_code():
    assert "_Z4fillPfi" in list_kernels(compiled("bugs", "compute_75")).stdout.split()
    result = list_kernels(compiled("limits", "sm_75"))
    assert (result.returncode, result.stdout) == (0, "")


def test_files_that_are_no_library(tmp_path):
    data = LIBRARY.read_bytes()
    files = {"empty": b"", "text": b"hello", "header": data[:40], "half": data[: len(data) // 2], "most": data[:-64]}
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        result = list_kernels(path)
        assert result.returncode == 1 and result.stdout == "", name
        assert result.stderr.startswith(f'softgpu-kernels: "{path}" ') and result.stderr.count("\n") == 1
    assert "cannot be opened" in list_kernels(tmp_path / "absent").stderr
    assert list_kernels().returncode == 2
    assert count(tmp_path / "text", tmp_path / "none").returncode == 1
