"""The tally of `make test`: green only when every runner said so."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.run import Tally, add_junit

ONE = '<testcase classname="a" name="one"/>'
GOOD = f'<testsuite>{ONE}<testcase classname="a" name="two"><skipped/></testcase></testsuite>'
BAD = '<testsuites><testsuite><testcase classname="a" name="x"><failure/></testcase></testsuite></testsuites>'


@pytest.mark.parametrize(
    ("report", "code", "passed", "failures"),
    [
        (GOOD, 0, 1, []),
        (GOOD, 2, 1, ["r: ended with 2"]),
        (BAD, 1, 0, ["r: a::x"]),
        ("<testsuite/>", 0, 0, ["r: ran no test"]),
        ("", 1, 0, ["r: no report, it ended with 1"]),
        (None, 3, 0, ["r: no report, it ended with 3"]),
    ],
)
def test_reports(tmp_path: Path, report: str | None, code: int, passed: int, failures: list[str]) -> None:
    file = tmp_path / "report.xml"
    if report is not None:
        file.write_text(report)
    tally = Tally()
    add_junit(tally, file, "r", code)
    assert (tally.passed, tally.failures) == (passed, failures)
