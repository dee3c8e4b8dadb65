"""When a space is open: weekly hours and exceptions in the venue's zone, turned into instants.

Every instant here is in UTC. A local time that the clocks skip moves forward by the gap; of a local time that comes
twice, opening takes the first and closing the last. So a day of 23 or 25 hours has 23 or 25 hours of slots.

Hours belong to the date on which they open, also past midnight. Where hours meet, the space stays open: one grid of
slots goes on across midnight. A space that never closes has no opening to count from: its grid begins at each midnight.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NotRequired, TypedDict
from zoneinfo import ZoneInfo

DAY_MINUTES = 1440
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEVER_CLOSED = 7
"""Dates in a row whose hours meet: from here on a grid begins at each date again."""
_DAY = timedelta(days=1)


class WeeklyHours(TypedDict):
    """Hours of some weekdays, as catalog publishes them: ``HH:MM``."""

    days: list[str]
    open: str
    close: str


class DateException(TypedDict):
    """Other hours of one date, or none at all where it is ``closed``."""

    date: str
    closed: NotRequired[bool]
    open: NotRequired[str | None]
    close: NotRequired[str | None]


@dataclass(frozen=True)
class Span:
    """Minutes after local midnight: open from ``open`` to ``close`` (1440 is midnight, more is the next day)."""

    open: int
    close: int


@dataclass(frozen=True)
class Interval:
    """Half-open, in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Dated(Interval):
    """A part of the hours of ``date``, the local date on which they open."""

    date: date


def clock_minutes(value: str) -> int:
    """Return the minutes after midnight of ``HH:MM``. Raises ValueError for anything else."""
    hours, _, minutes = value.partition(":")
    return int(hours) * 60 + int(minutes)


@lru_cache(8192)
def instant(zone: ZoneInfo, day: date, minutes: int, *, closing: bool = False) -> datetime:
    """Return the instant of a local time, ``minutes`` after the midnight that begins ``day``."""
    days, rest = divmod(minutes, DAY_MINUTES)
    local = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), tzinfo=zone)
    first = local.astimezone(UTC)
    if not closing or rest == 0:  # both sides of midnight take the same instant, so that nights join
        return first
    return max(first, local.replace(fold=1).astimezone(UTC))


@dataclass(frozen=True)
class Calendar:
    """Opening hours of a space. ``weekly`` has the spans of Monday to Sunday, ``exceptions`` replace whole dates."""

    zone: ZoneInfo
    weekly: tuple[tuple[Span, ...], ...]
    exceptions: Mapping[date, tuple[Span, ...]]

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return the local opening hours of a date."""
        if day in self.exceptions:
            return self.exceptions[day]
        return self.weekly[day.weekday()]

    def openings(self, first: date, last: date) -> Iterator[Dated]:
        """Yield the hours of dates in order; what overlaps hours before is cut off."""
        until = datetime.min.replace(tzinfo=UTC)
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            for span in sorted(self.spans(day), key=lambda item: (item.open, item.close)):
                opening = max(instant(self.zone, day, span.open), until)
                closing = instant(self.zone, day, span.close, closing=True)
                if opening < closing:
                    until = closing
                    yield Dated(opening, closing, day)

    def dates(self, start: datetime, end: datetime) -> list[date]:
        """Return the dates whose hours the time overlaps, in order."""
        near = self._near(start, end)
        return list(dict.fromkeys(part.date for part in near if part.start < end and part.end > start))

    def opened(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """Return the open times that overlap the given one, in order, each with a grid of its own; some may touch."""
        return (whole for whole, _ in self._runs(start, end))

    def _near(self, start: datetime, end: datetime) -> Iterator[Dated]:
        """Return the hours of all dates that may overlap the time, from the opening that its grid is counted from."""
        first = start.astimezone(self.zone).date() - _DAY
        for _ in range(NEVER_CLOSED):
            if not self._goes_on(first):
                break
            first -= _DAY
        return self.openings(first, end.astimezone(self.zone).date())

    def _goes_on(self, day: date) -> bool:
        """Return whether the hours of the date before last until those of this one begin."""
        mine, before = self.spans(day), self.spans(day - _DAY)
        if not mine or not before:
            return False
        closing = max(instant(self.zone, day - _DAY, span.close, closing=True) for span in before)
        return closing >= instant(self.zone, day, min(span.open for span in mine))

    def _runs(self, start: datetime, end: datetime) -> Iterator[tuple[Interval, list[Dated]]]:
        """Yield the same as ``opened``, each with the hours that it consists of."""
        parts: list[Dated] = []
        met = 0  # dates that went on from the one before
        for part in self._near(start, end):
            if parts and part.start > parts[-1].end:
                met = 0
            elif parts and part.date != parts[-1].date:
                met += 1
            elif parts:
                parts.append(part)
                continue
            if parts and (met == 0 or met >= NEVER_CLOSED):
                yield from _overlapping(parts, start, end)
                parts = []
            parts.append(part)
        yield from _overlapping(parts, start, end)

    def covers(self, start: datetime, end: datetime) -> bool:
        """Return whether the space is open the whole time, across midnight where the hours of two dates touch."""
        return covers(self.opened(start, end), start, end)

    def slots(self, start: datetime, end: datetime, slot_minutes: int) -> Iterator[Dated]:
        """Yield the grid: whole slots from each opening on that begin in ``start <= slot < end``."""
        step = timedelta(minutes=slot_minutes)
        for whole, parts in self._runs(start, end + step):
            skipped = -((whole.start - max(start, whole.start)) // step)
            begin, number = whole.start + skipped * step, 0
            while begin + step <= whole.end and begin < end:
                while parts[number].end <= begin:
                    number += 1
                yield Dated(begin, begin + step, parts[number].date)
                begin += step


def _overlapping(parts: list[Dated], start: datetime, end: datetime) -> Iterator[tuple[Interval, list[Dated]]]:
    if parts and parts[0].start < end and parts[-1].end > start:
        yield Interval(parts[0].start, parts[-1].end), parts


def covers(opened: Iterable[Interval], start: datetime, end: datetime) -> bool:
    """Return the same as ``Calendar.covers``, by open intervals that were found before."""
    reached = start
    for interval in opened:
        if interval.start > reached:
            break
        reached = max(reached, interval.end)
    return reached >= end


def on_grid(opened: Iterable[Interval], moment: datetime, slot_minutes: int, *, closing: bool = False) -> bool:
    """Return whether ``moment`` is whole slots after the opening of the interval that it begins in (or ends in)."""
    step = timedelta(minutes=slot_minutes)
    for interval in opened:
        within = interval.start < moment <= interval.end if closing else interval.start <= moment < interval.end
        if within and not (moment - interval.start) % step:
            return True
    return False


def weekly(entries: Iterable[tuple[Iterable[str], str, str]]) -> tuple[tuple[Span, ...], ...]:
    """Return the spans by weekday from ``(days, open, close)``. Raises ValueError for times that make no sense."""
    days: list[list[Span]] = [[] for _ in WEEKDAYS]
    for names, opening, closing in entries:
        span = checked_span(opening, closing)
        for name in names:
            days[WEEKDAYS.index(name)].append(span)
    return tuple(tuple(spans) for spans in days)


def checked_span(opening: str, closing: str) -> Span:
    """Return the hours that open on a date; a closing time not later than the opening one means the next day.

    Raises ValueError for what is no time of a day.
    """
    span = Span(clock_minutes(opening), clock_minutes(closing))
    if not (0 <= span.open < DAY_MINUTES and 0 <= span.close <= DAY_MINUTES):
        raise ValueError(f"Opening hours are times from 00:00 to 24:00: {opening}-{closing}.")
    return span if span.open < span.close else Span(span.open, span.close + DAY_MINUTES)


def make_calendar(zone: str, hours: Iterable[WeeklyHours], exceptions: Iterable[DateException]) -> Calendar:
    """Return the calendar of opening hours as catalog publishes them (as JSON).

    Raises ValueError or ZoneInfoNotFoundError when they make no sense. Several exceptions of one date add up.
    """
    dates: dict[date, tuple[Span, ...]] = {}
    for item in exceptions:
        day = date.fromisoformat(item["date"])
        spans = dates.get(day, ())
        if not item.get("closed"):
            spans = (*spans, checked_span(item.get("open") or "00:00", item.get("close") or "24:00"))
        dates[day] = spans
    entries = ((item["days"], item["open"], item["close"]) for item in hours)
    return Calendar(ZoneInfo(zone), weekly(entries), dates)
