"""The cross build under qemu; `make test-arm` runs it. Two builds of the program: with torch of requirements/dev.lock, and with torch 2.10.0."""

import re
import subprocess

import numpy as np
import pytest

from tests.arm.picture_test import ARGUMENTS, PICTURE
from tests.build import ROOT
from tests.cli.program import load
from tests.testing.limited import run_limited

ARM = ROOT / ".arm"
BUILDS = {"2.14": ROOT / "build-arm", "2.10": ROOT / "build-arm-torch-2.10"}
OPENBLAS = ARM / "openblas/torch/lib"  # torch's lib/ after scripts/arm_openblas_shim.sh
# What runs where: the CPU of a Raspberry Pi 4 needs OpenBLAS in the place of NVPL.
MACHINES = [("2.14", "max", None), ("2.14", "cortex-a76", None), ("2.14", "cortex-a72", OPENBLAS), ("2.10", "max", None), ("2.10", "cortex-a76", None)]
TORCH_2_10 = "this CPU lacks the LSE atomics (ARMv8.1) that libtorch 2.10 needs; build Bisque with torch 2.12 or later (docs/raspberry-pi.md)."
NVPL = (
    "this CPU lacks the LSE atomics (ARMv8.1) that NVPL, the BLAS of this libtorch, needs; run scripts/arm_openblas_shim.sh, which puts OpenBLAS in its "
    "place (docs/raspberry-pi.md)."
)


def command(torch: str, cpu: str, lib=None, preload=None) -> list:
    variables = {"LD_LIBRARY_PATH": lib, "LD_PRELOAD": preload}
    settings = [word for name, value in variables.items() if value for word in ("-E", f"{name}={value}")]
    return ["-cpu", cpu, "-L", ARM / "root", *settings, BUILDS[torch] / "bin/bisque"]


def run(torch: str, cpu: str, lib, *arguments, preload=None) -> subprocess.CompletedProcess:
    words = ["qemu-aarch64-static", *command(torch, cpu, lib, preload), *arguments]
    return subprocess.run(words, capture_output=True, text=True, timeout=600)


@pytest.mark.parametrize("torch, cpu, lib", MACHINES)
def test_picture_is_that_of_x86(torch, cpu, lib, tmp_path):
    result = run(torch, cpu, lib, *ARGUMENTS, tmp_path / "demo.png")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert np.array_equal(load(tmp_path / "demo.png"), load(PICTURE))


@pytest.mark.parametrize("torch, sentence", [("2.10", TORCH_2_10), ("2.14", NVPL)])
def test_preflight_on_a_raspberry_pi_4(torch, sentence, tmp_path):
    result = run(torch, "cortex-a72", None, *ARGUMENTS, tmp_path / "demo.png")
    assert (result.returncode, result.stdout, result.stderr) == (1, "", f"bisque: {sentence}\n")


@pytest.mark.parametrize("torch, cpu, lib", MACHINES)
def test_doctor(torch, cpu, lib):
    result = run(torch, cpu, lib, "doctor")
    assert (result.returncode, result.stderr) == (0, "")
    told = {line[:16].strip(): line[16:].strip() for line in result.stdout.splitlines()}
    assert told["libtorch"].startswith(torch) and told["SIMD"] in ("NEON", "NEON_WITHOUT_AES")
    assert told["CPU"] == ("aarch64, without LSE atomics" if cpu == "cortex-a72" else "aarch64, with LSE atomics")


def test_a_cpu_without_aes_gives_the_same(tmp_path):
    compiler = ["aarch64-linux-gnu-gcc", f"--sysroot={ARM / 'root'}", "-shared", "-fPIC"]
    subprocess.run([*compiler, ROOT / "tests/arm/no_aes.c", "-o", tmp_path / "no_aes.so"], check=True)
    machine = ("2.14", "cortex-a72", OPENBLAS)
    result = run(*machine, *ARGUMENTS, tmp_path / "demo.png", preload=tmp_path / "no_aes.so")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert np.array_equal(load(tmp_path / "demo.png"), load(PICTURE))
    result = run(*machine, "doctor", preload=tmp_path / "no_aes.so")
    assert (result.returncode, result.stderr) == (0, "")


def test_a_take_renders_to_a_video(tmp_path):
    result = run("2.14", "cortex-a72", OPENBLAS, "render", "demo", "--coefficients", "demo", "--end", "5", "--size", "64", "-q", "-o", tmp_path / "a.mp4")
    assert (result.returncode, result.stderr) == (0, "")
    assert (tmp_path / "a.mp4").stat().st_size > 1000


@pytest.mark.parametrize("torch, cpu, lib", [MACHINES[2], MACHINES[4]])
def test_the_demo_head_renders_within_400_mb(torch, cpu, lib, tmp_path):
    """qemu's own memory included; the size is the default one."""
    words = [*command(torch, cpu, lib), "render", "demo", "-q", "-o", tmp_path / "demo.png"]
    result, peak = run_limited(*words, program="/usr/bin/qemu-aarch64-static", seconds=600)
    assert result.returncode == 0, result.stderr
    print(f"peak of memory: {peak / 1e6:.0f} MB")
    assert peak < 400e6


# Instructions beyond armv8-a: LSE atomics, AES and SHA of the crypto extension, SVE.
BEYOND_THE_BASELINE = re.compile(
    r"^\s+[0-9a-f]+:\s+(?:(?:cas|casp|swp|(?:ld|st)(?:add|clr|eor|set|smax|smin|umax|umin))(?:a|l|al)?[bh]?\s|aes|sha(?:1|256)|.*\bz[0-9]+\.[bhsdq]\b).*$",
    re.MULTILINE,
)


def beyond_the_baseline(library) -> list[str]:
    words = ["aarch64-linux-gnu-objdump", "-d", "--no-show-raw-insn", library]
    return BEYOND_THE_BASELINE.findall(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def test_libraries_are_built_for_the_baseline():
    libraries = [path for build in BUILDS.values() for path in (*(build / "lib").glob("libbisque*.so"), build / "bin/bisque")]
    in_both = ["bisque", "libbisque_core.so", "libbisque_core_ops.so", "libbisque_ops.so", "libbisque_ops3d.so", "libbisque_renderer.so"]
    assert sorted(path.name for path in libraries) == sorted([*in_both, *in_both, "libbisque_face_ops.so"])
    for library in libraries:
        assert beyond_the_baseline(library) == [], library
    # The check finds such instructions where they are.
    assert beyond_the_baseline(ARM / "torch-2.10.0/torch/lib/libc10.so")
