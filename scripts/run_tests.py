"""Runs ctest and pytest, the CUDA tests on a GPU or on softgpu, and ends with `N passed, M failed, K skipped`, where N counts test
cases, not programs.

BISQUE_CUDA_RUNNER is a prefix command of the CUDA tests; its default on a machine without a GPU is the build's softgpu."""

import argparse
import os
import pathlib
import shlex
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent


def counts(junit: pathlib.Path) -> tuple[int, int, int]:
    """Passed, failed and skipped test cases of a JUnit file; a run without one counts as one failure."""
    if not junit.exists():
        return 0, 1, 0
    passed = failed = skipped = 0
    for case in xml.parse(junit).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--no-python", action="store_true", help="C++ tests alone")
    parser.add_argument("--count", type=pathlib.Path, help="run nothing, count the cases of this JUnit file")
    args = parser.parse_args()
    if args.count:
        print("{} passed, {} failed, {} skipped".format(*counts(args.count)))
        return 0
    build = (ROOT / args.build).resolve()
    reports = []

    def run(name: str, command: list, **environment: str) -> None:
        report = build / f"{name}.junit.xml"
        report.unlink(missing_ok=True)
        command = [str(part).replace("REPORT", str(report)) for part in command]
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode
        result = counts(report)
        # A crash outside of all cases must not pass.
        reports.append((result[0], max(result[1], 1 if code else 0), result[2]))

    run("ctest", ["ctest", "--test-dir", build, "--output-on-failure", "--progress", "-j2", "--output-junit", "REPORT"])
    if not args.no_python:
        pytest = [sys.executable, "-m", "pytest", "-q", "-rs", "tests", "--junitxml=REPORT", "-m"]
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
                reports.append((0, 1 if subprocess.run([sys.executable, *count]).returncode else 0, 0))
    passed, failed, skipped = (sum(column) for column in zip(*reports))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
