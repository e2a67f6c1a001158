"""Runs ctest and pytest, and ends with `N passed, M failed, K skipped`, where N counts test cases, not programs."""

import argparse
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent


def counts(junit: pathlib.Path) -> tuple[int, int, int]:
    """Passed, failed and skipped test cases of a JUnit file; a run that left none counts as one failure."""
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
    args = parser.parse_args()
    build = (ROOT / args.build).resolve()
    reports = []

    def run(name: str, command: list) -> None:
        report = build / f"{name}.junit.xml"
        report.unlink(missing_ok=True)
        command = [str(part).replace("REPORT", str(report)) for part in command]
        code = subprocess.run(command, cwd=ROOT).returncode
        result = counts(report)
        # A crash outside of any case must not pass.
        reports.append((result[0], max(result[1], 1 if code else 0), result[2]))

    run("ctest", ["ctest", "--test-dir", build, "--output-on-failure", "--progress", "-j2", "--output-junit", "REPORT"])
    if not args.no_python:
        run("pytest", [sys.executable, "-m", "pytest", "-q", "-rs", "tests", "--junitxml=REPORT"])
    passed, failed, skipped = (sum(column) for column in zip(*reports))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
