"""Runs the C++ tests that ctest lists, many GoogleTest cases in one process, and writes a JUnit file with one entry per case.

A process that ends within a case, or exceeds the time limit of a case, fails that case alone: another process continues with the rest.
Cases that match tests/own_process.txt run in a process of their own."""

import concurrent.futures
import dataclasses
import fnmatch
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import time
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
OWN_PROCESS = ROOT / "tests" / "own_process.txt"
JOBS = 2
CASES_PER_PROCESS = 50  # loading libtorch takes 0.45 s per process; more cases would leave the last process running alone

FILTER = "--gtest_filter="
START = re.compile(rb"\[ RUN      \] (\S+)$")
END = re.compile(rb"\[(       OK |  FAILED  |  SKIPPED )\] (\S+?)(?:,| \(|$)")
OUTCOMES = {b"       OK ": "passed", b"  FAILED  ": "failed", b"  SKIPPED ": "skipped"}


@dataclasses.dataclass(frozen=True)
class Case:
    """A test of ctest: a GoogleTest case, or a whole program (`filter` is "")."""

    name: str
    command: tuple[str, ...]
    filter: str
    source: str  # FILE:LINE, or "" where ctest does not know it
    timeout: float
    folder: str


@dataclasses.dataclass
class Result:
    case: Case
    outcome: str  # passed, failed or skipped
    seconds: float
    output: str


def find_cases(build: pathlib.Path, ctest: str = "ctest") -> list[Case]:
    listing = json.loads(subprocess.check_output([ctest, "--test-dir", build, "--show-only=json-v1"]))
    cases = []
    for test in listing["tests"]:
        if "command" not in test:
            raise RuntimeError(f"{test['name']}: is not built, expected its program in {build}.")
        properties = {entry["name"]: entry["value"] for entry in test["properties"]}
        filters = [word.removeprefix(FILTER) for word in test["command"] if word.startswith(FILTER)]
        cases.append(
            Case(
                name=test["name"],
                command=tuple(word for word in test["command"] if not word.startswith(FILTER)),
                filter=filters[0] if filters else "",
                source=properties.get("DEF_SOURCE_LINE", ""),
                timeout=properties.get("TIMEOUT", 300.0),
                folder=properties["WORKING_DIRECTORY"],
            )
        )
    return cases


def read_patterns(path: pathlib.Path) -> list[str]:
    words = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [word for word in words if word]


def matches(case: Case, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(case.filter, pattern) for pattern in patterns)


def batches(cases: list[Case], patterns: list[str], size: int = CASES_PER_PROCESS) -> list[list[Case]]:
    """The cases of each process, in the order of the list. Those that run alone come first, since they may be long."""
    alone, shared = [], {}
    for case in cases:
        if not case.filter or matches(case, patterns):
            alone.append([case])
        else:
            shared.setdefault(dataclasses.replace(case, name="", filter="", source=""), []).append(case)
    return alone + [group[i : i + size] for group in shared.values() for i in range(0, len(group), size)]


class Process:
    """A running test program, whose output is read line by line."""

    def __init__(self, cases: list[Case]):
        first = cases[0]
        command = [*first.command, FILTER + ":".join(case.filter for case in cases)] if first.filter else first.command
        streams = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._process = subprocess.Popen(command, cwd=first.folder, start_new_session=True, **streams)
        self._rest = b""

    def lines(self, deadline):
        """Lines until the output ends, then the last one without its end; None when `deadline()` has passed."""
        output = self._process.stdout.fileno()
        while True:
            ready, _, _ = select.select([output], [], [], 0.5)
            data = os.read(output, 1 << 16) if ready else b""
            *lines, self._rest = (self._rest + data).split(b"\n")
            yield from lines
            # A child of the test that goes on may keep the pipe open.
            if (ready and not data) or (not ready and self._process.poll() is not None):
                break
            if time.monotonic() > deadline():
                yield None
                break
        if self._rest:
            yield self._rest

    def end(self, patience: float) -> int:
        """The exit status. What still runs after `patience` seconds is killed, and so are children that outlive the program."""
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return self._process.wait()


def how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"


def run_process(cases: list[Case]) -> list[Result]:
    """Results of a process: of all cases, or of those up to one that ends it."""
    waiting = {case.filter: case for case in cases}
    results, lines, timed_out = [], [], False
    running = cases[0] if not cases[0].filter else None
    since = time.monotonic()
    limit = max(case.timeout for case in cases)
    process = Process(cases)

    def finish(case, outcome):
        nonlocal running, lines
        waiting.pop(case.filter)
        results.append(Result(case, outcome, time.monotonic() - since, b"\n".join(lines).decode(errors="replace")))
        running, lines = None, []

    for line in process.lines(lambda: since + limit):
        if line is None:
            timed_out = True
            break
        lines.append(line)
        start, end = START.search(line), END.search(line)
        if running is None and start and (case := waiting.get(start[1].decode())):
            running, lines, since, limit = case, [], time.monotonic(), case.timeout
        elif running and end and end[2].decode() == running.filter:
            finish(running, OUTCOMES[end[1]])
    code = process.end(0 if timed_out else 60)
    if running and not running.filter and code == 0 and not timed_out:
        finish(running, "passed")
        return results
    if not running and code == 0 and not timed_out and not waiting:
        return results
    # The failure belongs to the case that was running, else to the first one that did not run.
    if running or waiting:
        culprit = running or next(iter(waiting.values()))
        reason = f"did not end within {limit:g} s" if timed_out else how_it_ended(code)
        lines.append(f"The process of {culprit.name} {reason}{'' if running else ' before that case started'}.".encode())
        finish(culprit, "failed")
    elif not any(result.outcome == "failed" for result in results):
        # As LeakSanitizer does after the last case.
        last = results[-1].case
        whole = dataclasses.replace(last, name=f"{pathlib.Path(last.command[0]).name} after {last.name}")
        lines.append(f"The process of {len(cases)} cases, the last of which was {last.name}, {how_it_ended(code)} after them.".encode())
        results.append(Result(whole, "failed", 0.0, b"\n".join(lines).decode(errors="replace")))
    return results


def run_batch(cases: list[Case]) -> list[Result]:
    results = []
    while cases:
        results += run_process(cases)
        done = {result.case for result in results}
        cases = [case for case in cases if case not in done]
    return results


def write_junit(results: list[Result], path: pathlib.Path) -> None:
    suite = xml.Element("testsuite", name="cpp", tests=str(len(results)))
    for result in results:
        program = pathlib.Path(result.case.command[0]).name
        attributes = dict(name=result.case.name, classname=program, time=f"{result.seconds:.3f}", file=result.case.source.rsplit(":", 1)[0])
        entry = xml.SubElement(suite, "testcase", attributes)
        if result.outcome == "passed":
            continue
        text = re.sub(r"[^\t\n -\ud7ff\ue000-\ufffd]", "?", result.output)
        tag = "failure" if result.outcome == "failed" else "skipped"
        xml.SubElement(entry, tag, message=text.strip().rsplit("\n", 1)[-1]).text = text
    xml.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def run_cpp_tests(build: pathlib.Path, junit: pathlib.Path, not_here: pathlib.Path | None = None) -> bool:
    """Whether no case failed. Failures are printed as they occur, with their output. Cases that match the patterns in `not_here` are skipped."""
    junit.unlink(missing_ok=True)
    skipped = read_patterns(not_here) if not_here else []
    found = find_cases(build)
    cases = [case for case in found if not matches(case, skipped)]
    results = [Result(case, "skipped", 0.0, f"{not_here} names it") for case in found if matches(case, skipped)]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        runs = [pool.submit(run_batch, batch) for batch in batches(cases, read_patterns(OWN_PROCESS))]
        for run in concurrent.futures.as_completed(runs):
            for result in run.result():
                results.append(result)
                if result.outcome == "failed":
                    print(f"{result.output}\nFAILED {result.case.name} ({result.case.source})", flush=True)
    write_junit(results, junit)
    count = {outcome: sum(result.outcome == outcome for result in results) for outcome in OUTCOMES.values()}
    for result in results:
        if result.outcome != "passed":
            print(f"{result.outcome.upper()} {result.case.name}")
    print("C++: {passed} passed, {failed} failed, {skipped} skipped".format(**count), flush=True)
    return count["failed"] == 0
