"""Opening hours as instants: exceptions, nights, and the days the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.booking.opening_hours.rules import WEEKDAYS, Calendar, Span, checked_span, on_grid, weekly
from mesto.booking.time_units.rules import unit_minutes, units

BERLIN, NEW_YORK, MOSCOW = (ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Europe/Moscow"))
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata"]
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def fits_grid(calendar: Calendar, moment: datetime, slot: int, *, closing: bool = False) -> bool:
    around = timedelta(microseconds=1)
    return on_grid(calendar.opened(moment - around, moment + around), moment, slot, closing=closing)


def every_day(
    zone: ZoneInfo, *hours: tuple[str, str], exceptions: dict[date, tuple[Span, ...]] | None = None
) -> Calendar:
    return Calendar(zone, weekly((WEEKDAYS, opening, closing) for opening, closing in hours), exceptions or {})


def day_slots(calendar: Calendar, day: date, minutes: int) -> list[tuple[str, str]]:
    """The grid of a local date in local times."""
    start = datetime.combine(day, datetime.min.time(), tzinfo=calendar.zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=calendar.zone).astimezone(UTC)
    found = calendar.slots(start, end, minutes)
    return [tuple(f"{at.astimezone(calendar.zone):%H:%M%z}" for at in (slot.start, slot.end)) for slot in found]  # type: ignore[misc]


def test_a_plain_day_and_its_exceptions() -> None:
    holiday, short = date(2027, 1, 1), date(2026, 12, 31)
    calendar = every_day(MOSCOW, ("08:00", "22:00"), exceptions={holiday: (), short: (checked_span("10:00", "16:00"),)})
    assert len(day_slots(calendar, date(2026, 12, 30), 30)) == 28
    assert day_slots(calendar, holiday, 30) == []
    assert [slot[0][:5] for slot in day_slots(calendar, short, 120)] == ["10:00", "12:00", "14:00"]


def test_the_last_slot_must_fit() -> None:
    calendar = every_day(MOSCOW, ("08:00", "10:00"))
    assert [slot[0][:5] for slot in day_slots(calendar, date(2026, 12, 1), 45)] == ["08:00", "08:45"]


def test_a_spring_day_has_23_hours_and_an_autumn_day_25() -> None:
    calendar = every_day(BERLIN, ("00:00", "24:00"))
    assert len(day_slots(calendar, date(2027, 3, 28), 60)) == 23
    assert len(day_slots(calendar, date(2027, 10, 31), 60)) == 25
    assert len(day_slots(calendar, date(2027, 10, 30), 60)) == 24


def test_local_times_that_do_not_exist_or_come_twice() -> None:
    gap = every_day(BERLIN, ("02:30", "05:00"))  # 02:30 is skipped: the clock shows 03:30
    assert [slot[0] for slot in day_slots(gap, date(2027, 3, 28), 30)] == ["03:30+0200", "04:00+0200", "04:30+0200"]
    twice = every_day(NEW_YORK, ("01:00", "01:30"))  # opens at the first 01:00, closes at the last 01:30
    assert [slot[0] for slot in day_slots(twice, date(2026, 11, 1), 30)] == ["01:00-0400", "01:30-0400", "01:00-0500"]


def test_past_midnight_by_two_entries_joined() -> None:
    calendar = every_day(MOSCOW, ("18:00", "24:00"), ("00:00", "06:00"))
    start = datetime(2026, 12, 4, 22, tzinfo=MOSCOW).astimezone(UTC)
    assert calendar.covers(start, start + timedelta(hours=8))
    assert not calendar.covers(start, start + timedelta(hours=8, minutes=1))
    assert fits_grid(calendar, start + timedelta(hours=8), 60, closing=True)
    assert not fits_grid(calendar, start + timedelta(minutes=10), 60)


def test_closing_time_ends_a_slot_but_begins_none() -> None:
    calendar = every_day(MOSCOW, ("08:00", "22:00"))
    closing = datetime(2026, 12, 4, 22, tzinfo=MOSCOW).astimezone(UTC)
    assert fits_grid(calendar, closing, 60, closing=True)
    assert not fits_grid(calendar, closing, 60)


def local(calendar: Calendar, *moment: int) -> datetime:
    return datetime(*moment, tzinfo=calendar.zone).astimezone(UTC)  # type: ignore[arg-type,misc]


NIGHTS = {
    "one entry": [(WEEKDAYS, "20:00", "04:00")],
    "two that meet at midnight": [(WEEKDAYS, "20:00", "24:00"), (WEEKDAYS, "00:00", "04:00")],
}


@pytest.mark.parametrize("entries", NIGHTS.values(), ids=NIGHTS.keys())
def test_one_grid_goes_on_across_midnight(entries: list[tuple[tuple[str, ...], str, str]]) -> None:
    calendar = Calendar(MOSCOW, weekly(entries), {})
    begins = local(calendar, 2026, 12, 4, 23, 30)
    hours = list(calendar.slots(begins - timedelta(hours=1), begins + timedelta(minutes=31), 45))
    assert [f"{slot.start.astimezone(MOSCOW):%H:%M}" for slot in hours] == ["23:00", "23:45"], "counted from 20:00"
    assert f"{hours[-1].end.astimezone(MOSCOW):%H:%M}" == "00:30"
    for start, end in (
        (begins, begins + timedelta(hours=1)),
        (begins - timedelta(hours=1), begins + timedelta(hours=1)),
    ):
        assert calendar.covers(start, end)
        assert fits_grid(calendar, start, 30)
        assert fits_grid(calendar, end, 30, closing=True)
    assert not calendar.covers(local(calendar, 2026, 12, 5, 3), local(calendar, 2026, 12, 5, 5))


def test_hours_past_midnight_belong_to_the_date_on_which_they_open() -> None:
    saturday, sunday, monday = (date(2026, 12, day) for day in (5, 6, 7))
    calendar = Calendar(MOSCOW, weekly([(["sat", "sun"], "22:00", "02:00")]), {sunday: ()})
    night = local(calendar, 2026, 12, 5, 23), local(calendar, 2026, 12, 6, 2)
    assert calendar.covers(*night), "the closed Sunday is not Saturday's night"
    assert calendar.dates(*night) == [saturday]
    assert {slot.date for slot in calendar.slots(*night, 30)} == {saturday}
    assert not list(calendar.slots(local(calendar, 2026, 12, 6, 3), local(calendar, 2026, 12, 7, 3), 30))
    assert calendar.spans(monday) == ()
    day_and_night = every_day(MOSCOW, ("20:00", "24:00"), ("00:00", "04:00"))
    assert day_and_night.dates(*night) == [saturday, sunday], "each entry has its own date"
    around = every_day(MOSCOW, ("10:00", "10:00"))
    assert around.dates(night[0], night[0] + timedelta(hours=10)) == [saturday], "24 hours from the opening"


def test_a_space_that_never_closes_counts_from_each_midnight() -> None:
    always = every_day(MOSCOW, ("00:00", "24:00"))
    assert [slot[0][:5] for slot in day_slots(always, date(2026, 12, 5), 420)] == ["00:00", "07:00", "14:00"]
    begins = local(always, 2026, 12, 5, 22)
    assert always.covers(begins, begins + timedelta(days=30))
    reopened = every_day(MOSCOW, ("00:00", "24:00"), exceptions={date(2026, 12, 1): ()})
    assert day_slots(reopened, date(2026, 12, 3), 420)[0][0][:5] == "04:00", "counted from the second, when it opened"
    assert day_slots(reopened, date(2026, 12, 20), 420)[0][0][:5] == "00:00"


@pytest.mark.parametrize(("opening", "closing"), [("24:00", "10:00"), ("10:00", "24:30")])
def test_hours_that_make_no_sense(opening: str, closing: str) -> None:
    with pytest.raises(ValueError, match="times from 00:00 to 24:00"):
        checked_span(opening, closing)


hours = st.tuples(st.integers(0, 287), st.integers(1, 24 * 23)).filter(lambda pair: pair[0] < pair[1])


@given(
    zone=st.sampled_from(ZONES),
    spans=st.lists(hours, min_size=1, max_size=4),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    slot=st.sampled_from([15, 30, 45, 60, 90]),
)
def test_slots_lie_in_opening_hours_and_units_fit_them(
    zone: str, spans: list[tuple[int, int]], start: datetime, slot: int
) -> None:
    day = tuple(Span(first * 5, last * 5) for first, last in spans)
    calendar = Calendar(ZoneInfo(zone), (day,) * 7, {})
    start = start.replace(second=0, microsecond=0)
    found = list(calendar.slots(start, start + timedelta(days=3), slot))
    unit = unit_minutes(calendar, slot, 15, start)
    assert unit >= 5
    assert 60 % unit == 0
    assert all(span.end <= after.start for span, after in pairwise(found))
    for span in found:
        assert span.end - span.start == timedelta(minutes=slot)
        assert calendar.covers(span.start, span.end)
        assert fits_grid(calendar, span.start, slot)
        assert fits_grid(calendar, span.end, slot, closing=True)
        counted = units(span.start, span.end + timedelta(minutes=15), unit)
        assert counted[0] == span.start, "a slot begins with a unit of its own"
        assert len(counted) * unit == slot + 15


@pytest.mark.parametrize(
    ("zone", "hour", "slot", "buffer", "unit"),
    [
        ("Europe/Moscow", "08:00", 30, 0, 30),
        ("Europe/Moscow", "08:00", 60, 0, 60),
        ("Europe/Moscow", "08:20", 60, 0, 20),
        ("Europe/Moscow", "08:00", 60, 10, 10),
        ("Europe/Moscow", "08:00", 90, 0, 30),
        ("Europe/Moscow", "08:05", 60, 0, 5),
        ("Asia/Kolkata", "08:00", 60, 0, 30),
        ("Asia/Kathmandu", "08:00", 60, 0, 15),
    ],
)
def test_the_unit_divides_whatever_can_begin_or_end_a_booking(
    zone: str, hour: str, slot: int, buffer: int, unit: int
) -> None:
    assert unit_minutes(every_day(ZoneInfo(zone), (hour, "22:00")), slot, buffer, NOW) == unit


def test_units_of_kept_bookings_still_fit() -> None:
    calendar = every_day(MOSCOW, ("08:00", "22:00"))
    kept = [datetime(2026, 12, 1, 10, 45, tzinfo=MOSCOW)]
    assert unit_minutes(calendar, 60, 0, NOW, kept) == 15
