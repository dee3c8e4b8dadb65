"""When a space is open: weekly hours and exceptions in the venue's zone, turned into instants.

Every instant here is in UTC. A local time that the clocks skip moves forward by the gap; of a local time that comes
twice, opening takes the first and closing the last. So a day of 23 or 25 hours has 23 or 25 hours of slots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_MINUTES = 1440
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Span:
    """Minutes after local midnight: open from ``open`` to ``close`` (1440 is midnight at the end of the day)."""

    open: int
    close: int


@dataclass(frozen=True)
class Interval:
    """Half-open, in UTC."""

    start: datetime
    end: datetime


def clock_minutes(value: str) -> int:
    """Minutes after midnight of ``HH:MM``. Raises ValueError for anything else."""
    hours, _, minutes = value.partition(":")
    return int(hours) * 60 + int(minutes)


@lru_cache(8192)
def instant(zone: ZoneInfo, day: date, minutes: int, *, closing: bool = False) -> datetime:
    """The instant of a local time, ``minutes`` after the midnight that begins ``day``."""
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
        """The local opening hours of a date."""
        if day in self.exceptions:
            return self.exceptions[day]
        return self.weekly[day.weekday()]

    def opened(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """Open intervals that overlap the given time, in order and without overlaps; nights are two that touch."""
        day = start.astimezone(self.zone).date() - timedelta(days=1)
        last = end.astimezone(self.zone).date()
        until = datetime.min.replace(tzinfo=UTC)
        while day <= last:
            for span in sorted(self.spans(day), key=lambda item: (item.open, item.close)):
                opening = max(instant(self.zone, day, span.open), until)
                closing = instant(self.zone, day, span.close, closing=True)
                if opening >= closing:
                    continue
                until = closing
                if opening < end and closing > start:
                    yield Interval(opening, closing)
            day += timedelta(days=1)

    def covers(self, start: datetime, end: datetime) -> bool:
        """True when the space is open the whole time, across midnight where the hours of two dates touch."""
        return covers(self.opened(start, end), start, end)

    def slots(self, start: datetime, end: datetime, slot_minutes: int) -> Iterator[Interval]:
        """The grid: whole slots from each opening on that begin in ``start <= slot < end``."""
        step = timedelta(minutes=slot_minutes)
        for interval in self.opened(start, end):
            skipped = max(timedelta(0), start - interval.start) // step
            begin = interval.start + skipped * step
            while begin + step <= interval.end and begin < end:
                if begin >= start:
                    yield Interval(begin, begin + step)
                begin += step


def covers(opened: Iterable[Interval], start: datetime, end: datetime) -> bool:
    """As ``Calendar.covers``, by open intervals that were found before."""
    reached = start
    for interval in opened:
        if interval.start > reached:
            return False
        reached = max(reached, interval.end)
    return reached >= end


def on_grid(opened: Iterable[Interval], moment: datetime, slot_minutes: int, *, closing: bool = False) -> bool:
    """True when ``moment`` is whole slots after the opening of the open interval that it begins in (or ends in)."""
    step = timedelta(minutes=slot_minutes)
    for interval in opened:
        within = interval.start < moment <= interval.end if closing else interval.start <= moment < interval.end
        if within and not (moment - interval.start) % step:
            return True
    return False


def weekly(entries: Iterable[tuple[Iterable[str], str, str]]) -> tuple[tuple[Span, ...], ...]:
    """Spans by weekday from ``(days, open, close)``. Raises ValueError when closing is not after opening."""
    days: list[list[Span]] = [[] for _ in WEEKDAYS]
    for names, opening, closing in entries:
        span = checked_span(opening, closing)
        for name in names:
            days[WEEKDAYS.index(name)].append(span)
    return tuple(tuple(spans) for spans in days)


def checked_span(opening: str, closing: str) -> Span:
    """A span of one date. Raises ValueError when closing is not after opening."""
    span = Span(clock_minutes(opening), clock_minutes(closing))
    if not 0 <= span.open < span.close <= DAY_MINUTES:
        raise ValueError(f"Opening hours must close after they open: {opening}-{closing}.")
    return span
