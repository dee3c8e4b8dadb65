"""SIGTERM to processes whose broker or database is silent: each ends by itself within the time that it is given."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("weak")
GRACE = 30.0
"""What a busy machine may add."""


@pytest.mark.parametrize("dependency", ["postgres", "broker"])
def test_each_process_ends_by_itself(weak: Any, dependency: str, record_property: Any) -> None:
    names = ("booking", "booking-worker", "booking-beat")
    check = {"postgres": "database", "broker": "broker"}[dependency]
    children = {name: weak.platform.children[name] for name in names}
    with getattr(weak, dependency).fault("silent"):
        weak.misses(check)
        weak.misses(check, "booking-worker")
        for child in children.values():
            os.kill(child.pid, signal.SIGTERM)
        codes = {name: child.wait(child.server.stop_seconds + GRACE) for name, child in children.items()}
    record_property(f"exit codes with a silent {dependency}", codes)
    weak.platform.start(*names)
    # 70: Celery waits for a silent broker without end, so the worker is cut off; its tasks go back to the queue.
    assert codes["booking"] == 0
    assert codes["booking-beat"] == 0
    assert codes["booking-worker"] in (0, 70)
    weak.recovers(*names)
