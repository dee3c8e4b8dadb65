"""Nothing that a log line can hold keeps it from being written."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from mesto.common.observability import telemetry


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("Мясницкая", "Мясницкая"),
        ("half of a pair: \ud83d", "half of a pair: \ud83d"),
        (2**70, 2**70),
        (datetime(2030, 1, 1, tzinfo=UTC), "2030-01-01T00:00:00+00:00"),
        ({1: 2}, {"1": 2}),
        (b"bytes", "b'bytes'"),
    ],
)
def test_a_line_is_json_whatever_it_holds(value: object, read: object) -> None:
    written = json.loads(telemetry.json_line({"event": "seen", "value": value}, default=repr))
    assert written == {"event": "seen", "value": read}
