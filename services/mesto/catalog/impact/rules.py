"""Whether a change of a space can strand a booking at all: only then is booking asked.

Fewer seats, a resource less, hours that do not cover those of before, another time zone, another place. Whatever only
widens strands nobody, so it depends on no other service.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from mesto.catalog.spaces.records import ExceptionDocument, HoursDocument, ResourceDocument, SpaceDocument
from mesto.contracts.places import Location, Place

Spans = list[tuple[int, int]]
"""Open times in order, none touching another, in minutes after the midnight of some date."""
_DAY = 1440
_ONE = timedelta(days=1)
_WEEK = date(2026, 11, 23)  # any Monday
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def may_invalidate_bookings(before: SpaceDocument, after: SpaceDocument, since: date) -> bool:
    """Return whether bookings from ``since`` on might not fit any more.

    ``before`` was read from a table that somebody may have edited: what makes no sense there may have been anything.
    """
    try:
        if not before["resources"]:
            return False
        fewer = _fewer(before["resources"], after["resources"])
        return fewer or _moved(before, after) or _shorter(before, after, since)
    except (KeyError, TypeError, ValueError, AttributeError):
        return True


def _fewer(before: Iterable[ResourceDocument], after: Iterable[ResourceDocument]) -> bool:
    seats = {resource["name"]: resource["seats"] for resource in after}
    return any(seats.get(resource["name"], 0) < resource["seats"] for resource in before)


def _moved(before: SpaceDocument, after: SpaceDocument) -> bool:
    return _place(before).moved_to(_place(after))


def _place(space: SpaceDocument) -> Place:
    return Place(address=space["address"], location=Location(**space["location"]))


def _shorter(before: SpaceDocument, after: SpaceDocument, since: date) -> bool:
    if before["time_zone"] != after["time_zone"]:
        return True
    old, new = before["opening_hours"], after["opening_hours"]
    if old == new and before["exceptions"] == after["exceptions"]:
        return False
    # Hours of a date reach into the next: the week is looked at with the night before it.
    if not _covers(_open(new, (), _WEEK, 8), _open(old, (), _WEEK, 8)):
        return True
    dates = {date.fromisoformat(exception["date"]) for exception in (*before["exceptions"], *after["exceptions"])}
    return any(
        not _covers(_open(new, after["exceptions"], day, 2), _open(old, before["exceptions"], day, 2))
        for day in dates
        if day >= since - _ONE
    )


def _open(hours: Sequence[HoursDocument], exceptions: Sequence[ExceptionDocument], first: date, days: int) -> Spans:
    """Return when a space is open on some dates, the clocks' changes left aside."""
    found = []
    for number in range(-1, days):
        for opening, closing in _hours(hours, exceptions, first + number * _ONE):
            begin, end = (number * _DAY + _minutes(clock) for clock in (opening, closing))
            if closing <= opening:  # on the next day
                end += _DAY
            found.append((max(begin, 0), min(end, days * _DAY)))
    return _joined(span for span in found if span[0] < span[1])


def _hours(hours: Sequence[HoursDocument], exceptions: Sequence[ExceptionDocument], day: date) -> list[tuple[str, str]]:
    """Return the hours that open on a date: all its exceptions together, else those of its weekday."""
    if of_date := [exception for exception in exceptions if exception["date"] == day.isoformat()]:
        opened = [exception for exception in of_date if not exception["closed"]]
        return [(exception["open"] or "00:00", exception["close"] or "24:00") for exception in opened]
    weekday = _WEEKDAYS[day.weekday()]
    return [(usual["open"], usual["close"]) for usual in hours if weekday in usual["days"]]


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
    return all(any(span[0] <= begin and end <= span[1] for span in spans) for begin, end in known)
