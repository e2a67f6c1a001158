"""The scripts for ARM machines, on any machine."""

import os
import shutil
import subprocess

import pytest

from tests.build import ROOT

SCRIPTS = ROOT / "scripts"


def run(script: str, *arguments, **environment) -> subprocess.CompletedProcess:
    return subprocess.run([SCRIPTS / script, *arguments], capture_output=True, text=True, env=os.environ | environment)


BITS_32 = "setup: this is a 32-bit system ({}), for which torch has no packages; install a 64-bit one, such as Raspberry Pi OS (64-bit).\n"
OTHER = "setup: torch has no packages for riscv64 on PyPI; Bisque needs an x86-64 or a 64-bit ARM machine (aarch64).\n"


@pytest.mark.parametrize(
    "machine, bits, message",
    [
        ("x86_64", 64, ""),
        ("aarch64", 64, ""),
        ("armv7l", 32, BITS_32.format("armv7l")),
        ("aarch64", 32, BITS_32.format("aarch64")),
        ("riscv64", 64, OTHER),
    ],
)
def test_systems_that_torch_has_no_packages_for(machine, bits, message, tmp_path):
    for name, answer in (("uname", machine), ("getconf", bits)):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {answer}\n")
        (tmp_path / name).chmod(0o755)
    result = run("check_system.sh", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (result.returncode, result.stdout, result.stderr) == (1 if message else 0, "", message)


def packages(text: str) -> dict[str, str]:
    return dict(line.split(" ;")[0].split("==") for line in text.splitlines() if "==" in line)


@pytest.mark.parametrize("torch", [None, "2.10.0"])
def test_the_lock_for_arm_leaves_out_cuda(torch):
    every = packages((ROOT / "requirements/dev.lock").read_text())
    kept = packages(run("arm_lock.sh", *([torch] if torch else [])).stdout)
    left_out = every.keys() - kept.keys()
    assert {"nvidia-cublas", "nvidia-cudnn-cu13", "triton"} <= left_out
    assert all(name.startswith(("nvidia-", "cuda-")) or name == "triton" for name in left_out)
    assert {"nvidia-cuda-runtime", "nvidia-cuda-cupti", "torch", "cmake", "ninja", "numpy"} <= kept.keys()
    assert kept == {name: every[name] for name in kept} | {"torch": torch or every["torch"]}


@pytest.fixture
def torch_lib(tmp_path):
    """The lib/ of a torch that shares its files with another environment."""
    lib, cache = tmp_path / "lib", tmp_path / "cache"
    for folder in (lib, cache):
        folder.mkdir()
    for name in ("libtorch_cpu.so", "libnvpl_blas_core.so.0", "libnvpl_lapack_core.so.0", "libnvpl_blas_lp64_gomp.so.0", "libnvpl_lapack_lp64_gomp.so.0"):
        (cache / name).write_text(name)
        os.link(cache / name, lib / name)
    return lib


def dynamic_section(library) -> str:
    return subprocess.check_output(["readelf", "-dVW", library], text=True)


@pytest.mark.skipif(not shutil.which("readelf"), reason="readelf is not installed")
def test_openblas_takes_the_place_of_nvpl(torch_lib, tmp_path):
    openblas = tmp_path / "libopenblas.so.0"
    subprocess.run(["cc", "-shared", "-x", "c", "/dev/null", "-o", openblas, f"-Wl,-soname,{openblas.name}"], check=True)
    result = run("arm_openblas_shim.sh", torch_lib, LIBRARY_PATH=str(tmp_path))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"arm_openblas_shim: {torch_lib} now uses OpenBLAS.\n"
    for part in ("blas", "lapack"):
        name = f"libnvpl_{part}_lp64_gomp.so.0"
        section = dynamic_section(torch_lib / name)
        assert f"soname: [{name}]" in section and "Shared library: [libopenblas.so.0]" in section and f"Name: {name}" in section.split("Version definition")[1]
        assert (tmp_path / "cache" / name).read_text() == name
    assert not (torch_lib / "libnvpl_blas_core.so.0").exists()
    result = run("arm_openblas_shim.sh", torch_lib)
    assert (result.returncode, result.stdout) == (0, "arm_openblas_shim: this torch has no NVPL, so there is nothing to replace.\n")


def test_the_shim_without_openblas_changes_nothing(torch_lib):
    result = run("arm_openblas_shim.sh", torch_lib, CC="false")
    assert result.returncode != 0 and (torch_lib / "libnvpl_blas_lp64_gomp.so.0").read_text() == "libnvpl_blas_lp64_gomp.so.0"


def test_a_folder_that_is_no_torch(tmp_path):
    result = run("arm_openblas_shim.sh", tmp_path)
    assert result.returncode == 1
    assert result.stderr == f"arm_openblas_shim: {tmp_path} has no libtorch_cpu.so, expected the lib folder of a torch package.\n"


def test_setup_on_a_machine_without_lse_or_cuda(tmp_path):
    """This machine's /proc/cpuinfo names no LSE atomics either, unless it is an ARM machine that has them."""
    scripts, programs = tmp_path / "scripts", tmp_path / "programs"
    programs.mkdir()
    scripts.mkdir()
    for name in ("setup.sh", "check_system.sh", "arm_lock.sh"):
        shutil.copy(SCRIPTS / name, scripts)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    stubs = {scripts / "find_nvcc.sh": "exit 1", programs / "uname": "echo aarch64", programs / "getconf": "echo 64"}
    stubs |= {scripts / name: 'echo "${0##*/} $@" >> calls' for name in ("apt_install.sh", "venv.sh", "arm_openblas_shim.sh")}
    for path, line in stubs.items():
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
    subprocess.run([scripts / "setup.sh"], check=True, env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "BISQUE_SETUP": "1"})
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[:2] == ["apt_install.sh scripts/apt-packages.txt", "venv.sh .venv .tools/arm.lock"]
    if "atomics" not in open("/proc/cpuinfo").read():
        assert calls[2:] == ["apt_install.sh scripts/apt-openblas.txt", "arm_openblas_shim.sh "]
    assert packages((tmp_path / ".tools/arm.lock").read_text()) == packages(run("arm_lock.sh").stdout)
