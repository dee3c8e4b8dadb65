"""Since when the security log is read, and how it is printed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from mesto.cli.failure import Failure
from mesto.cli.security_log import Entry, since, table

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("90s", datetime(2026, 11, 30, 11, 58, 30, tzinfo=UTC)),
        ("90m", datetime(2026, 11, 30, 10, 30, tzinfo=UTC)),
        ("24h", datetime(2026, 11, 29, 12, tzinfo=UTC)),
        ("7d", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("2026-11-30T09:00+03:00", datetime(2026, 11, 30, 6, tzinfo=UTC)),
        ("2026-11-30", datetime(2026, 11, 30).astimezone()),
    ],
)
def test_a_time_is_told_as_people_write_it(text: str, meant: datetime) -> None:
    assert since(text, NOW) == meant


@pytest.mark.parametrize("text", ["", "yesterday", "7w", "-1d", "2026-13-01", "999999d", "0001-01-01"])
def test_what_is_no_time_is_said_with_examples(text: str) -> None:
    with pytest.raises(Failure, match="is no time: write 90m"):
        since(text, NOW)


def test_entries_stand_in_columns() -> None:
    first = Entry(
        at="2026-11-30T09:00:00Z",
        kind="role_granted",
        person="ab" * 32,
        actor="cd" * 32,
        address="192.0.2.1",
        user_agent="Browser/1",
        details={"role": "owner", "method": "tools"},
        request_id="",
    )
    second = Entry(first, kind="locked_out", person=None, actor=None, address="", user_agent="", details={})
    heading, *lines = table([first, second])
    assert heading.split() == ["AT", "KIND", "PERSON", "ACTOR", "ADDRESS", "DETAILS", "BROWSER"]
    assert lines[0].split()[2:] == [
        *("role_granted", "ab" * 6, "cd" * 6, "192.0.2.1", "role=owner", "method=tools", "Browser/1"),
    ]
    assert lines[1].split()[2:] == ["locked_out", *"-----"]
    assert lines[1].index("locked_out") == heading.index("KIND")
    assert list(table([])) == []
