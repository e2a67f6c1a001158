"""scripts/cpp_tests.py: what it makes of cases that crash, hang or print nonsense, many of them in one process."""

import sys
import time
import xml.etree.ElementTree as xml

import pytest

from tests.build import BUILD, ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import cpp_tests  # noqa: E402

PROGRAM = BUILD / "bin" / "misbehaving_cases"


def case(name: str, timeout: float = 60.0, program=PROGRAM) -> cpp_tests.Case:
    return cpp_tests.Case(name, (str(program),), name, f"{name}.cpp:1", timeout, str(ROOT))


def outcomes_of(*names: str, **options) -> dict[str, str]:
    return {result.case.name: result.outcome for result in cpp_tests.run_batch([case(name, **options) for name in names])}


def test_cases_of_one_process_have_results_of_their_own():
    expected = {"Good.Passes": "passed", "Good.IsSkipped": "skipped", "Bad.Fails": "failed", "OfTypes/0.Passes": "passed", "Last.Passes": "passed"}
    expected |= {f"Some/OfValues.{name}/{i}": outcome for i in (0, 1) for name, outcome in (("Fails", "failed"), ("Passes", "passed"))}
    results = cpp_tests.run_process([case(name) for name in expected])  # in one process
    assert {result.case.name: result.outcome for result in results} == expected
    output = next(result.output for result in results if result.case.name == "Bad.Fails")
    assert "Expected equality of these values" in output and "misbehaving_cases.cpp:" in output


def test_output_that_looks_like_that_of_googletest():
    names = ["Good.Passes", "Good.PrintsWithoutEndOfLine", "Good.PrintsTheLinesOfAnother", "Last.Passes"]
    assert outcomes_of(*names) == dict.fromkeys(names, "passed")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Bad.Crashes", "The process of Bad.Crashes was ended by SIGSEGV."),
        ("Bad.EndsTheProgram", "The process of Bad.EndsTheProgram ended with exit status 0."),
        ("Bad.Hangs", "The process of Bad.Hangs did not end within 1 s."),
    ],
)
def test_a_case_that_ends_its_process_fails_alone(name, reason):
    names = ["Good.Passes", "Bad.Fails", name, "OfTypes/0.Passes", "Last.Passes"]
    results = cpp_tests.run_batch([case(each, timeout=1 if name == "Bad.Hangs" else 60) for each in names])
    assert [result.case.name for result in results] == names
    assert [result.outcome for result in results] == ["passed", "failed", "failed", "passed", "passed"]
    assert results[2].output.endswith(reason)
    assert ("just before the crash" in results[2].output) == (name == "Bad.Crashes")


def test_a_program_that_fails_after_its_last_case():
    outcomes = outcomes_of("Good.Passes", "Bad.SpoilsTheEnd", "Last.Passes")
    assert outcomes.pop("misbehaving_cases after Last.Passes") == "failed"
    assert set(outcomes.values()) == {"passed"} and len(outcomes) == 3


def test_cases_that_the_program_lacks_fail_each():
    assert outcomes_of("Good.Passes", "No.SuchCase", "Nor.ThisOne") == {"Good.Passes": "passed", "No.SuchCase": "failed", "Nor.ThisOne": "failed"}


def test_a_child_that_outlives_its_case_is_not_waited_for():
    begin = time.monotonic()
    assert outcomes_of("Good.LeavesAChildThatKeepsTheOutput", "Last.Passes") == {
        "Good.LeavesAChildThatKeepsTheOutput": "passed", "Last.Passes": "passed",
    }  # fmt: skip
    assert time.monotonic() - begin < 60


@pytest.mark.parametrize(("program", "outcome"), [("/bin/true", "passed"), ("/bin/false", "failed")])
def test_a_program_without_cases_counts_by_its_exit_status(program, outcome):
    whole = cpp_tests.Case("fuzz_corpus.x", (program,), "", "", 60.0, str(ROOT))
    (result,) = cpp_tests.run_batch([whole])
    assert result.outcome == outcome


def test_batches_hold_every_case_once_and_leave_some_alone():
    cases = [case(f"A.{i}") for i in range(7)] + [case("B.1"), case("C.1"), case("D.1", program="/bin/other")]
    made = cpp_tests.batches(cases, ["B.*", "A.3"], size=4)
    assert [len(batch) for batch in made] == [1, 1, 4, 3, 1]
    assert sorted(each.name for batch in made for each in batch) == sorted(each.name for each in cases)
    assert [batch[0].name for batch in made[:2]] == ["A.3", "B.1"]


NOT_UNDER_QEMU = ROOT / "tests/arm/not_under_qemu.txt"


@pytest.mark.parametrize("file", [cpp_tests.OWN_PROCESS, NOT_UNDER_QEMU], ids=lambda file: file.name)
def test_every_pattern_matches_a_case(file):
    cases = cpp_tests.find_cases(BUILD)
    assert len(cases) > 500
    for pattern in cpp_tests.read_patterns(file):
        assert any(cpp_tests.matches(each, [pattern]) for each in cases), pattern


def test_cases_that_do_not_run_here_are_reported_as_skipped(tmp_path, monkeypatch):
    monkeypatch.setattr(cpp_tests, "find_cases", lambda build: [case("Good.Passes"), case("Bad.Crashes")])
    (tmp_path / "not_here.txt").write_text("# why\nBad.*\n")
    assert cpp_tests.run_cpp_tests(BUILD, tmp_path / "a.xml", tmp_path / "not_here.txt")
    entries = {entry.get("name"): entry for entry in xml.parse(tmp_path / "a.xml").iter("testcase")}
    assert entries["Good.Passes"].find("*") is None and "not_here.txt" in entries["Bad.Crashes"].find("skipped").text


def test_junit_names_each_case(tmp_path):
    results = cpp_tests.run_batch([case(name) for name in ("Good.Passes", "Good.IsSkipped", "Bad.Crashes")])
    results[2].output += "\x00\x1b[0m"
    cpp_tests.write_junit(results, tmp_path / "a.xml")
    entries = {entry.get("name"): entry for entry in xml.parse(tmp_path / "a.xml").iter("testcase")}
    assert entries["Good.Passes"].find("*") is None and entries["Good.Passes"].get("file") == "Good.Passes.cpp"
    assert "for a reason" in entries["Good.IsSkipped"].find("skipped").text
    assert "SIGSEGV" in entries["Bad.Crashes"].find("failure").text
