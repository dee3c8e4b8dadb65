"""The tally of `make test`: green only when every runner said so."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import run
from support.run import Aside, Tally, add_junit

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


@pytest.mark.parametrize(
    ("program", "passed", "failures"),
    [
        ("raise SystemExit(0)", 1, []),
        ("raise SystemExit(3)", 0, ["beside: ended with 3"]),
        ("told(run.Tally(passed=2))", 2, []),
        ("told(run.Tally(passed=2, failures=['lint: x'])); raise SystemExit(1)", 2, ["lint: x"]),
        ("told(run.Tally(passed=2)); raise SystemExit(4)", 2, ["beside: ended with 4"]),
    ],
)
def test_what_runs_beside_others_is_counted_at_its_end(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    program: str,
    passed: int,
    failures: list[str],
) -> None:
    preface = (
        "import dataclasses, json, os, pathlib\nfrom support import run\nprint('its output')\n"
        "def told(tally):\n"
        "    pathlib.Path(os.environ[run.TALLY]).write_text(json.dumps(dataclasses.asdict(tally)))\n"
    )
    (tmp_path / "beside.py").write_text(preface + program)
    paths = [str(tmp_path), str(run.REPO / "tests"), str(run.REPO / "deploy")]
    monkeypatch.setenv("PYTHONPATH", ":".join(paths))
    monkeypatch.setattr(run, "REPORTS", tmp_path)
    aside, tally = Aside("beside", "beside"), Tally()
    aside.begin(tally)
    aside.end(tally)
    assert (tally.passed, tally.failures) == (passed, failures)
    assert "its output" in capfd.readouterr().out
