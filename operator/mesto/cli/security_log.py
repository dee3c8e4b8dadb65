"""The security log of accounts: since when it is read, and how it is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from mesto.cli.failure import Failure

_AGO = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_HEADING = ("AT", "KIND", "PERSON", "ACTOR", "ADDRESS", "DETAILS", "BROWSER")
_SHORT = 12
"""So many digits of a hash tell persons apart on a screen."""


class Entry(TypedDict):
    """An entry as auth answers it."""

    at: str
    kind: str
    person: str | None
    actor: str | None
    address: str
    user_agent: str
    details: dict[str, str]
    request_id: str


def since(text: str, now: datetime | None = None) -> datetime:
    """Return the moment that a text means: ``90m`` or ``7d`` ago, or a date or time. Raises Failure."""
    ago = _AGO.fullmatch(text)
    try:
        if ago:
            return (now or datetime.now(UTC)) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise Failure(f"{text} is no time: write 90m, 24h, 7d, 2026-11-30 or 2026-11-30T09:00+03:00.") from None


def table(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield a heading, then a line for each entry, in columns; nothing for none."""
    if not entries:
        return
    rows = [_HEADING, *(_row(entry) for entry in entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADING))]
    for row in rows:
        yield "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(entry: Entry) -> tuple[str, ...]:
    return (
        datetime.fromisoformat(entry["at"]).astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        entry["kind"],
        (entry["person"] or "-")[:_SHORT],
        (entry["actor"] or "-")[:_SHORT],
        entry["address"] or "-",
        " ".join(f"{name}={value}" for name, value in entry["details"].items()) or "-",
        entry["user_agent"] or "-",
    )
