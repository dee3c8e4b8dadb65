"""What is generated is what the code says: a fresh ``make gen`` changes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def test_a_fresh_generation_changes_nothing() -> None:
    command = [sys.executable, "deploy/generate.py", "--check"]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False, timeout=150)
    assert done.returncode == 0, f"run `make gen`\n{done.stderr}"
