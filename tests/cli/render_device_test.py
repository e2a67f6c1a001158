"""bisque render --device: which device is used, and what is reported."""

import ctypes
import os
import subprocess

import pytest

from tests.build import BUILD
from tests.cli.program import BISQUE, fail, load, succeed
from tests.tools.softgpu_programs import cmake_cache

SMALL = ("--size", "16")


def has_gpu() -> bool:
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    count = ctypes.c_int()
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


def on_softgpu(*arguments):
    """The program on softgpu, where libtorch's own kernels have no image."""
    if cmake_cache()["BISQUE_CUDA_BUILT"] != "TRUE":
        pytest.skip("this build has no CUDA, and so no softgpu")
    command = [BUILD / "softgpu/softgpu", BISQUE, *arguments]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, env=os.environ | {"SOFTGPU_EXIT": "0"}, timeout=120)


def test_cpu_is_reported(tmp_path):
    assert "device: cpu\n" in succeed("render", "demo", "--device", "cpu", *SMALL, "-o", tmp_path / "a.png").stderr


@pytest.mark.skipif(has_gpu(), reason="this machine has a GPU")
def test_without_a_gpu_auto_is_the_cpu(tmp_path):
    for arguments in ((), ("--device", "auto")):
        report = succeed("render", "demo", *arguments, *SMALL, "-o", tmp_path / "a.png").stderr
        assert "device: cpu (no GPU is visible)\n" in report


@pytest.mark.skipif(has_gpu(), reason="this machine has a GPU")
def test_without_a_gpu_cuda_is_an_error(tmp_path):
    message = fail("render", "demo", "--device", "cuda", *SMALL, "-o", tmp_path / "a.png")
    assert message == "--device is cuda, but no GPU is visible; expected a GPU that can be used, or --device cpu."
    assert list(tmp_path.iterdir()) == []


def test_a_gpu_without_a_kernel_image_is_not_used(tmp_path):
    result = on_softgpu("render", "demo", *SMALL, "-o", tmp_path / "a.png")
    assert result.returncode == 0, result.stderr
    assert "device: cpu (" in result.stderr and "no kernel image" in result.stderr
    succeed("render", "demo", "--device", "cpu", *SMALL, "-o", tmp_path / "b.png")
    assert (load(tmp_path / "a.png") == load(tmp_path / "b.png")).all()


def test_cuda_on_a_gpu_without_a_kernel_image_is_an_error(tmp_path):
    result = on_softgpu("render", "demo", "--device", "cuda", *SMALL, "-q", "-o", tmp_path / "a.png")
    lines = [line for line in result.stderr.splitlines() if line.startswith("bisque: ")]
    assert result.returncode == 1 and len(lines) == 1
    assert lines[0].startswith("bisque: --device is cuda, but ") and "no kernel image" in lines[0]
    assert lines[0].endswith("; expected a GPU that can be used, or --device cpu.")
    assert not (tmp_path / "a.png").exists()


def test_a_gpu_that_is_hidden_is_not_visible(tmp_path):
    result = subprocess.run(
        [BISQUE, "render", "demo", *SMALL, "-o", tmp_path / "a.png"],
        capture_output=True, text=True, env=os.environ | {"CUDA_VISIBLE_DEVICES": ""}, timeout=120,
    )  # fmt: skip
    assert result.returncode == 0 and "device: cpu (no GPU is visible)\n" in result.stderr


def test_another_device_is_an_error(tmp_path):
    assert fail("render", "demo", "--device", "tpu", "-o", tmp_path / "a.png") == '--device is "tpu"; expected cpu, cuda or auto.'
