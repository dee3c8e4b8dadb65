"""Whether a change of a space can strand a booking at all: only then is booking asked.

Fewer seats, a resource less, hours that do not cover those of before, another time zone, another place. Whatever only
widens strands nobody, so it depends on no other service.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from mesto.contracts.places import Location, Place

Spans = list[tuple[int, int]]
"""Open times in order, none touching another, in minutes after the midnight of some date."""
_DAY = 1440
_ONE = timedelta(days=1)
_WEEK = date(2026, 11, 23)  # any Monday
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def may_strand(before: Mapping[str, Any], after: Mapping[str, Any], since: date) -> bool:
    """Whether bookings from ``since`` on might not fit any more.

    Both are spaces as ``SpaceSpec.model_dump(mode="json")`` says it, or as a row does (a position is two columns).
    ``before`` was read from a table that somebody may have edited: what makes no sense there may have been anything.
    """
    try:
        if not before["resources"]:
            return False
        fewer = _fewer(before["resources"], after["resources"])
        return fewer or _moved(before, after) or _shorter(before, after, since)
    except (KeyError, TypeError, ValueError, AttributeError):
        return True


def _fewer(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> bool:
    seats = {one["name"]: one["seats"] for one in after}
    return any(seats.get(one["name"], 0) < one["seats"] for one in before)


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return _place(before).moved_to(_place(after))


def _place(space: Mapping[str, Any]) -> Place:
    location = space.get("location") or {name: space[name] for name in ("latitude", "longitude")}
    return Place(address=space["address"], location=Location(**location))


def _shorter(before: Mapping[str, Any], after: Mapping[str, Any], since: date) -> bool:
    if before["time_zone"] != after["time_zone"]:
        return True
    old, new = before["opening_hours"], after["opening_hours"]
    if old == new and before["exceptions"] == after["exceptions"]:
        return False
    plain: dict[str, Any] = {"exceptions": []}
    # Hours of a date reach into the next: the week is looked at with the night before it.
    if not _covers(_open(dict(after) | plain, _WEEK, 8), _open(dict(before) | plain, _WEEK, 8)):
        return True
    dates = {date.fromisoformat(one["date"]) for one in (*before["exceptions"], *after["exceptions"])}
    return any(not _covers(_open(after, day, 2), _open(before, day, 2)) for day in dates if day >= since - _ONE)


def _open(space: Mapping[str, Any], first: date, days: int) -> Spans:
    """When a space is open on some dates, the clocks' changes left aside."""
    found = []
    for number in range(-1, days):
        for opening, closing in _hours(space, first + number * _ONE):
            begin, end = (number * _DAY + _minutes(one) for one in (opening, closing))
            if closing <= opening:  # on the next day
                end += _DAY
            found.append((max(begin, 0), min(end, days * _DAY)))
    return _joined(span for span in found if span[0] < span[1])


def _hours(space: Mapping[str, Any], day: date) -> list[tuple[str, str]]:
    """The hours that open on a date: all its exceptions together, else those of its weekday."""
    if mine := [one for one in space["exceptions"] if one["date"] == day.isoformat()]:
        return [(one["open"] or "00:00", one["close"] or "24:00") for one in mine if not one["closed"]]
    weekday = _WEEKDAYS[day.weekday()]
    return [(one["open"], one["close"]) for one in space["opening_hours"] if weekday in one["days"]]


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _joined(spans: Iterable[tuple[int, int]]) -> Spans:
    joined: Spans = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _covers(spans: Spans, known: Spans) -> bool:
    return all(any(one[0] <= begin and end <= one[1] for one in spans) for begin, end in known)
