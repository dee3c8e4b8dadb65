"""A process that hangs while it stops is cut off; one that ends in time is not."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(("work", "code"), [("time.sleep(120)", 70), ("threading.Event().wait(0.01)", 0)])
def test_a_process_that_hangs_is_cut_off(work: str, code: int) -> None:
    seconds = 0.3 if code else 60
    program = f"import threading, time; from mesto.common.shutdown import end_after; end_after({seconds}); {work}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code
    assert ("cut off" in done.stderr) == bool(code)
