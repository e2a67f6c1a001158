"""What a run of the tests reports at its end, from JUnit files: how many cases passed, and which files and ops took longest."""

import collections
import dataclasses
import pathlib
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
OP_FOLDERS = ("core/ops", "ops3d")
LENGTH = 10


@dataclasses.dataclass
class Case:
    file: str
    outcome: str  # passed, failed or skipped
    seconds: float


def file_of(entry: xml.Element) -> str:
    """The test file of a case: C++ cases have it as an attribute, and the class of a Python case begins with its module."""
    if file := entry.get("file"):
        path = pathlib.Path(file)
        return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
    name = entry.get("classname", "")
    parts = name.split(".")
    modules = [i for i, part in enumerate(parts) if part.endswith("_test")]
    return "/".join(parts[: modules[0] + 1]) + ".py" if modules else name


def read_cases(junit: pathlib.Path) -> list[Case]:
    """A run that left no file counts as one failed case."""
    if not junit.exists():
        return [Case(junit.name, "failed", 0.0)]
    cases = []
    for entry in xml.parse(junit).getroot().iter("testcase"):
        if entry.find("failure") is not None or entry.find("error") is not None:
            outcome = "failed"
        else:
            outcome = "passed" if entry.find("skipped") is None else "skipped"
        cases.append(Case(file_of(entry), outcome, float(entry.get("time") or 0)))
    return cases


def counts(cases: list[Case]) -> tuple[int, int, int]:
    """Passed, failed and skipped."""
    return tuple(sum(case.outcome == outcome for case in cases) for outcome in ("passed", "failed", "skipped"))


def op_of(file: str, ops: list[str]) -> str | None:
    """The op that a file tests: tests/ops3d/knn_points_test.py, tests/ops3d/knn_points_cuda_test.py."""
    folder, _, name = file.rpartition("/")
    if folder.removeprefix("tests/") not in OP_FOLDERS:
        return None
    return max((op for op in ops if name.startswith(op + "_")), key=len, default=None)


def find_ops() -> list[str]:
    return [path.name for folder in OP_FOLDERS for path in (ROOT / folder).iterdir() if (path / f"{path.name}.h").exists()]


def table(title: str, cases: list[tuple[str, Case]]) -> list[str]:
    """The groups with the longest sums of times, longest first."""
    seconds, number = collections.Counter(), collections.Counter()
    for group, case in cases:
        seconds[group] += case.seconds
        number[group] += 1
    return [title, *(f"{sum_:8.1f} s {number[group]:5d} cases  {group}" for group, sum_ in seconds.most_common(LENGTH))]


def slowest(cases: list[Case]) -> str:
    ops = find_ops()
    of_ops = [(op, case) for case in cases if (op := op_of(case.file, ops))]
    lines = table("Slowest test files, by the sum of the times of their cases:", [(case.file, case) for case in cases])
    return "\n".join(lines + table("Slowest ops, by that of their tests on the CPU and on CUDA:", of_ops))
