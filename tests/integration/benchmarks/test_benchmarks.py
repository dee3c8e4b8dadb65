"""Every benchmark runs and both of its sides answer; what it measures in so short a time says nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from mestolocal import builds
from mestolocal.paths import REPO

BENCHMARKS = sorted((REPO / "benchmarks").glob("*.py"))
OPERATORS = "operators"  # one run for the tests of all its parts
RESTARTS_POSTGRES = ("live",)


def run(name: str, seconds: float = 150) -> str:
    """What a tiny run has printed."""
    environment = {**os.environ, "PYTHONPATH": f"{REPO / 'deploy'}:{REPO / 'benchmarks'}:{REPO / 'tests'}"}
    command = [sys.executable, "-m", "support.tiny", str(REPO / "benchmarks" / f"{name}.py")]
    command += ["--own-servers"] if name in RESTARTS_POSTGRES else []
    page = REPO / "docs" / "benchmarks.md"
    before = page.read_bytes()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=seconds)
    assert done.returncode == 0, done.stdout + done.stderr
    assert page.read_bytes() == before
    return done.stdout


GO_PEERS = {OPERATORS: "go_operator", "listing": "listing"}
"""Built before their run's time begins: minutes where nothing of them was ever built."""


@pytest.fixture(scope="module")
def operators() -> str:
    builds.go_peer(GO_PEERS[OPERATORS])
    return run(OPERATORS, 400)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", [file.stem for file in BENCHMARKS if file.stem != OPERATORS])
def test_a_benchmark_runs_to_its_ratios(name: str) -> None:
    if name in GO_PEERS:
        builds.go_peer(GO_PEERS[name])
    said = run(name)
    assert re.search(r"ratio \d+\.\d\d", said), said


@pytest.mark.timeout(900)  # whichever test comes first runs all parts
class TestOperators:
    def test_all_start_cold_beside_each_other(self, operators: str) -> None:
        for peer in ("usual handlers", "event queue", "controller-runtime"):
            line = rf"^cold to all Synced: .*{peer}.*; ratio \d+\.\d\d"
            assert re.search(line, operators, re.MULTILINE), operators
        assert re.search(r"^status patches a space.*: [\d.]+ ", operators, re.MULTILINE), operators

    def test_new_spaces_are_told_while_all_others_resync(self, operators: str) -> None:
        line = r"^declared to Synced while all resync, p99: .*; ratio \d+\.\d\d"
        assert re.search(line, operators, re.MULTILINE), operators

    def test_a_steady_state_writes_nothing(self, operators: str) -> None:
        for what in (
            "writes to the API server but Leases",
            "spaces whose resourceVersion moved",
            "rows written in all",
        ):
            assert re.search(rf"^{what}.*: 0 .*: met$", operators, re.MULTILINE), operators

    def test_no_change_is_lost_or_made_twice_when_the_leader_is_killed(self, operators: str) -> None:
        for what in ("spaces whose last change was lost", "generations applied twice", "generations applied after a"):
            assert re.search(rf"^{what}.*: 0 .*: met$", operators, re.MULTILINE), operators


def test_every_benchmark_is_type_checked() -> None:
    modules = re.search(r"^modules = \[(.*)\]$", (REPO / "pyproject.toml").read_text(), re.MULTILINE)
    assert modules
    assert sorted(re.findall(r'"(\w+)"', modules[1])) == [file.stem for file in BENCHMARKS]
