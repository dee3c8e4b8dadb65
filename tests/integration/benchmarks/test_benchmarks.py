"""Every benchmark runs and both of its sides answer; what it measures in so short a time says nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from mestolocal.paths import REPO

BENCHMARKS = sorted((REPO / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("name", [file.stem for file in BENCHMARKS])
def test_a_benchmark_runs_to_its_ratios(name: str) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{REPO / 'deploy'}:{REPO / 'benchmarks'}"}
    command = [sys.executable, str(REPO / "benchmarks" / f"{name}.py"), "--tiny"]
    page = REPO / "docs" / "benchmarks.md"
    before = page.read_bytes()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=150)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"ratio \d+\.\d\d", done.stdout), done.stdout
    assert page.read_bytes() == before


def test_every_benchmark_is_type_checked() -> None:
    modules = re.search(r"^modules = \[(.*)\]$", (REPO / "pyproject.toml").read_text(), re.MULTILINE)
    assert modules
    assert sorted(re.findall(r'"(\w+)"', modules[1])) == [file.stem for file in BENCHMARKS]
