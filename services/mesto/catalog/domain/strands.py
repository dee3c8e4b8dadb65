"""Whether a change of a space can strand a booking at all: only then is booking asked.

Fewer seats, a resource less, hours that do not cover those of before, another time zone. Whatever only widens strands
nobody, so it depends on no other service.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

Spans = list[tuple[str, str]]
"""Hours of a day as ``HH:MM`` pairs: they sort as they are written."""
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def may_strand(before: Mapping[str, Any], after: Mapping[str, Any], since: date) -> bool:
    """Whether bookings from ``since`` on might not fit any more.

    Both are spaces as ``SpaceSpec.model_dump(mode="json")`` says it. ``before`` was read from a table that somebody may
    have edited: what makes no sense there may have been anything.
    """
    try:
        if not before["resources"]:
            return False
        return _fewer(before["resources"], after["resources"]) or _shorter(before, after, since)
    except (KeyError, TypeError, ValueError, AttributeError):
        return True


def _fewer(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> bool:
    seats = {one["name"]: one["seats"] for one in after}
    return any(seats.get(one["name"], 0) < one["seats"] for one in before)


def _shorter(before: Mapping[str, Any], after: Mapping[str, Any], since: date) -> bool:
    if before["time_zone"] != after["time_zone"]:
        return True
    old, new = before["opening_hours"], after["opening_hours"]
    if old == new and before["exceptions"] == after["exceptions"]:
        return False
    week = [(_on(old, day), _on(new, day)) for day in _WEEKDAYS]
    if any(not _covers(spans, known) for known, spans in week):
        return True
    dates = {one["date"] for one in (*before["exceptions"], *after["exceptions"])}
    for day in (date.fromisoformat(one) for one in dates):
        usual = week[day.weekday()]
        known, spans = _of(before["exceptions"], day, usual[0]), _of(after["exceptions"], day, usual[1])
        if day >= since and not _covers(spans, known):
            return True
    return False


def _on(hours: Iterable[Mapping[str, Any]], weekday: str) -> Spans:
    return _joined((one["open"], one["close"]) for one in hours if weekday in one["days"])


def _of(exceptions: Iterable[Mapping[str, Any]], day: date, usual: Spans) -> Spans:
    """The hours of a date: all its exceptions together, else those of its weekday."""
    mine = [one for one in exceptions if one["date"] == day.isoformat()]
    if not mine:
        return usual
    return _joined((one["open"] or "00:00", one["close"] or "24:00") for one in mine if not one["closed"])


def _joined(spans: Iterable[tuple[str, str]]) -> Spans:
    joined: Spans = []
    for opening, closing in sorted(spans):
        if joined and opening <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closing, joined[-1][1]))
        else:
            joined.append((opening, closing))
    return joined


def _covers(spans: Sequence[tuple[str, str]], known: Iterable[tuple[str, str]]) -> bool:
    return all(any(one[0] <= opening and closing <= one[1] for one in spans) for opening, closing in known)
