"""scripts/test_report.py: counts, and the slowest files and ops."""

import re
import sys

from tests.build import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import test_report  # noqa: E402
from test_report import Case  # noqa: E402

JUNIT = f"""<testsuites><testsuite>
<testcase classname="tests.ops3d.knn_points_test.TestKnnPoints" name="test_reference[a]" time="1.5"/>
<testcase classname="tests.ops3d.knn_points_test" name="test_b" time="0.5"><failure message="x">y</failure></testcase>
<testcase classname="tests.cli.info_test" name="test_c" time="2"><error message="x">y</error></testcase>
<testcase classname="test_ops3d" name="KNN.Finds" time="4" file="{ROOT}/tests/ops3d/knn_points_test.cpp"/>
<testcase classname="zip_fuzz" name="fuzz_corpus.zip" time="3" file=""/>
<testcase classname="tests.cli.info_test" name="test_d" time="0"><skipped message="x"/></testcase>
</testsuite></testsuites>"""


def test_cases_of_pytest_and_of_cpp(tmp_path):
    (tmp_path / "a.xml").write_text(JUNIT)
    cases = test_report.read_cases(tmp_path / "a.xml")
    assert test_report.counts(cases) == (3, 2, 1)
    python, cpp = "tests/ops3d/knn_points_test.py", "tests/ops3d/knn_points_test.cpp"
    assert [case.file for case in cases] == [python, python, "tests/cli/info_test.py", cpp, "zip_fuzz", "tests/cli/info_test.py"]
    lines = test_report.slowest(cases).splitlines()
    rows = [(float(row[1]), int(row[2]), row[3]) for line in lines if (row := re.fullmatch(r" *(\S+) s +(\d+) cases  (.*)", line))]
    assert rows == [(4.0, 1, cpp), (3.0, 1, "zip_fuzz"), (2.0, 2, python), (2.0, 2, "tests/cli/info_test.py"), (6.0, 3, "knn_points")]


def test_a_run_without_a_report_is_a_failure(tmp_path):
    assert test_report.counts(test_report.read_cases(tmp_path / "none.xml")) == (0, 1, 0)


def test_ten_lines_at_most_longest_first():
    cases = [Case(f"tests/{i}_test.py", "passed", float(i)) for i in range(12)]
    lines = test_report.slowest(cases).splitlines()
    assert len(lines) == 1 + 10 + 1 and "11.0 s" in lines[1] and " 2.0 s" in lines[10]


def test_the_op_of_a_file():
    ops = ["norm", "batch_norm", "rasterize_meshes", "data"]
    assert test_report.op_of("tests/core/ops/batch_norm_test.py", ops) == "batch_norm"
    assert test_report.op_of("tests/ops3d/rasterize_meshes_backward_test.py", ops) == "rasterize_meshes"
    assert test_report.op_of("tests/ops3d/registration_test.py", ops) is None
    assert test_report.op_of("tests/core/nn/norm_test.cpp", ops) is None
    assert {"knn_points", "row_norm"} <= set(test_report.find_ops())
