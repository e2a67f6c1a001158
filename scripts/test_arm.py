"""Runs the tests of the cross build under qemu and ends with `N passed, M failed, K skipped`: the program on several CPUs (tests/arm/cross_checks.py), the
C++ tests on the CPU of a Raspberry Pi 4, and Python tests of the SIMD kernels in torch 2.10.0 on a CPU with all extensions."""

import os
import pathlib
import subprocess
import sys

from cpp_tests import run_cpp_tests
from test_report import Case, counts, read_cases

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARM, BUILD = ROOT / ".arm", ROOT / "build-arm"
QEMU = ["qemu-aarch64-static", "-L", str(ARM / "root")]
KERNEL_TESTS = ["rasterize_meshes", "phong_shading", "knn_points"]


def run(name: str, command: list, **environment: str) -> list[Case]:
    junit = BUILD / f"{name}.junit.xml"
    junit.unlink(missing_ok=True)
    environment = {**os.environ, **environment}
    succeeded = subprocess.run([*map(str, command), f"--junitxml={junit}"], cwd=ROOT, env=environment).returncode == 0
    return result(name, succeeded)


def result(name: str, succeeded: bool) -> list[Case]:
    cases = read_cases(BUILD / f"{name}.junit.xml")
    # A crash outside of any case must not pass.
    return cases if succeeded or counts(cases)[1] else [*cases, Case(name, "failed", 0.0)]


def run_cpp() -> list[Case]:
    os.environ.update(QEMU_CPU="cortex-a72", LD_LIBRARY_PATH=str(ARM / "openblas/torch/lib"))
    succeeded = run_cpp_tests(BUILD, BUILD / "cpp.junit.xml", ROOT / "tests/arm/not_under_qemu.txt")
    del os.environ["QEMU_CPU"], os.environ["LD_LIBRARY_PATH"]
    return result("cpp", succeeded)


def main() -> int:
    pytest = ["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]
    cases = run("program", [sys.executable, *pytest, "tests/arm/cross_checks.py"])
    cases += run_cpp()
    tests = [ROOT / f"tests/ops3d/{name}_test.py" for name in KERNEL_TESTS]
    # torch.library.opcheck, which takes minutes under qemu, looks at the declaration of an op, not at its kernel.
    python = [*QEMU, "-cpu", "max", ARM / "root/usr/bin/python3", *pytest, "-m", "not cuda", "-k", "not opcheck", *tests]
    cases += run("kernels", python, BISQUE_BUILD=str(BUILD), PYTHONPATH=str(ARM / "torch-2.10.0"))
    passed, failed, skipped = counts(cases)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
