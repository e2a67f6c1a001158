"""Runs the C++ tests and pytest, the CUDA tests on a GPU or on softgpu, lists the slowest, and ends with `N passed, M failed, K skipped`,
where N counts test cases, not programs.

BISQUE_CUDA_RUNNER is a prefix command of the CUDA tests; its default on a machine without a GPU is the build's softgpu."""

import argparse
import os
import pathlib
import shlex
import subprocess
import sys

from cpp_tests import run_cpp_tests
from test_report import Case, counts, read_cases, slowest

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--no-python", action="store_true", help="C++ tests alone")
    parser.add_argument("--count", type=pathlib.Path, help="run nothing, count the cases of this JUnit file")
    args = parser.parse_args()
    if args.count:
        print("{} passed, {} failed, {} skipped".format(*counts(read_cases(args.count))))
        return 0
    build = (ROOT / args.build).resolve()
    cases = []

    def report(name: str, succeeded: bool) -> None:
        found = read_cases(build / f"{name}.junit.xml")
        # A crash outside of any case must not pass.
        if not succeeded and not counts(found)[1]:
            found.append(Case(name, "failed", 0.0))
        cases.extend(found)

    def run(name: str, command: list, **environment: str) -> None:
        junit = build / f"{name}.junit.xml"
        junit.unlink(missing_ok=True)
        command = [*map(str, command), f"--junitxml={junit}"]
        report(name, subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode == 0)

    report("cpp", run_cpp_tests(build, build / "cpp.junit.xml"))
    if not args.no_python:
        pytest = [sys.executable, "-m", "pytest", "-q", "-rs", "tests", "-m"]
        # Two test files at a time.
        run("pytest", [*pytest, "not cuda", "-n2", "--dist=loadfile"])
        cuda_libraries = [build / "lib" / f"lib{name}_cuda.so" for name in ("bisque_core_ops", "bisque_ops")]
        if all(library.exists() for library in cuda_libraries):
            launches = build / "cuda_launches.txt"
            launches.unlink(missing_ok=True)
            runner = shlex.split(subprocess.check_output(ROOT / "scripts/cuda_runner.sh", text=True))
            run("cuda", [*runner, *pytest, "cuda"], SOFTGPU_LAUNCHES=str(launches), SOFTGPU_CHECK="mem,race,init")
            if runner:
                count = [ROOT / "scripts/count_kernels.py", *cuda_libraries, "--launches", launches, "--build", build]
                if subprocess.run([sys.executable, *count]).returncode:
                    cases.append(Case("scripts/count_kernels.py", "failed", 0.0))
    print(slowest(cases))
    passed, failed, skipped = counts(cases)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
