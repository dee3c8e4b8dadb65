"""Which changes can strand a booking at all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mesto.catalog.impact.rules import may_invalidate_bookings

TODAY = date(2026, 11, 26)
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def space(*hours: tuple[str, str], seats: int = 3, **changes: Any) -> dict[str, Any]:
    return {
        "address": "Мясницкая улица, 13",
        "location": {"latitude": 55.7636, "longitude": 37.6347},
        "time_zone": "Europe/Moscow",
        "opening_hours": [
            {"days": WEEK, "open": opens, "close": closes} for opens, closes in hours or [("08:00", "22:00")]
        ],
        "exceptions": [],
        "resources": [{"name": "desk", "seats": seats}],
    } | changes


def at(longitude: float) -> dict[str, Any]:
    return space(location={"latitude": -16.8, "longitude": longitude})


def exception(day: str, opening: str | None = None, closing: str | None = None, closed: bool = False) -> dict[str, Any]:
    return {"date": day, "closed": closed, "open": opening, "close": closing}


OFF = [exception("2026-12-31", closed=True)]


@pytest.mark.parametrize(
    ("what", "before", "after", "expected"),
    [
        ("nothing", space(), space(), False),
        ("a text", space(), space(title={"en": "x"}), False),
        ("fewer seats", space(), space(seats=2), True),
        ("more seats", space(), space(seats=4), False),
        ("a resource less", space(), space(resources=[]), True),
        ("a resource more", space(), space(resources=[{"name": "desk", "seats": 3}, {"name": "b", "seats": 1}]), False),
        ("none before", space(resources=[]), space(resources=[], time_zone="Asia/Tokyo"), False),
        ("another zone", space(), space(time_zone="Asia/Tokyo"), True),
        ("an earlier closing", space(), space(("08:00", "21:55")), True),
        ("longer hours", space(), space(("07:00", "24:00")), False),
        ("a break", space(), space(("08:00", "13:00"), ("14:00", "22:00")), True),
        ("the same in two", space(), space(("08:00", "13:00"), ("13:00", "22:00")), False),
        ("a day off", space(), space(exceptions=[exception("2026-12-31", closed=True)]), True),
        ("a day off in the past", space(), space(exceptions=[exception("2026-11-01", closed=True)]), False),
        ("a longer day", space(), space(exceptions=[exception("2026-12-31", "08:00", "24:00")]), False),
        ("no day off any more", space(exceptions=[exception("2026-12-31", closed=True)]), space(), False),
        ("no longer day any more", space(exceptions=[exception("2026-12-31", "08:00", "24:00")]), space(), True),
        ("a shorter night", space(("20:00", "04:00")), space(("20:00", "03:00")), True),
        ("a longer night", space(("20:00", "04:00")), space(("19:00", "05:00")), False),
        ("a night in two", space(("20:00", "04:00")), space(("20:00", "24:00"), ("00:00", "04:00")), False),
        ("no night before a day off", space(("20:00", "04:00")), space(("20:00", "04:00"), exceptions=OFF), True),
        ("another address", space(), space(address="Мясницкая улица, 15"), True),
        ("the same address written otherwise", space(), space(address="мясницкая  улица, 13 "), False),
        ("another position", space(), space(location={"latitude": 55.7636, "longitude": 37.64}), True),
        ("a pin put right", space(), space(location={"latitude": 55.7640, "longitude": 37.6350}), False),
        ("over the antimeridian", at(179.9999), at(-179.9999), False),
        ("what somebody broke by SQL", space(opening_hours=None), space(), True),
        ("a broken exception", space(exceptions=[{"date": 7}]), space(), True),
    ],
)
def test_a_change_is_asked_about_when_it_narrows(
    what: str, before: dict[str, Any], after: dict[str, Any], expected: bool
) -> None:
    assert may_invalidate_bookings(before, after, TODAY) is expected, what


SPANS = st.tuples(st.integers(0, 23), st.integers(0, 24))
TIMES = SPANS.map(lambda span: (f"{span[0]:02}:00", f"{span[1]:02}:00"))
HOURS = st.builds(
    lambda days, times: {"days": days, "open": times[0], "close": times[1]},
    st.lists(st.sampled_from(WEEK), min_size=1, unique=True),
    TIMES,
)
DAYS = [TODAY + timedelta(days=number) for number in range(14)]
EXCEPTIONS = st.one_of(
    st.builds(lambda day, times: exception(day.isoformat(), *times), st.sampled_from(DAYS), TIMES),
    st.builds(lambda day: exception(day.isoformat(), closed=True), st.sampled_from(DAYS)),
)
SPACES = st.builds(
    lambda hours, exceptions: space(opening_hours=hours, exceptions=exceptions),
    st.lists(HOURS, max_size=3),
    st.lists(EXCEPTIONS, max_size=3),
)


def open_hours(spec: dict[str, Any]) -> set[int]:
    """Each whole hour of some weeks from TODAY's midnight on that is open, reckoned without joining spans."""
    found, days = set(), len(DAYS) + 8
    for number in range(-1, days):
        day = TODAY + timedelta(days=number)
        mine = [item for item in spec["exceptions"] if item["date"] == day.isoformat()]
        usual = [item for item in spec["opening_hours"] if WEEK[day.weekday()] in item["days"]]
        for item in [item for item in mine if not item["closed"]] if mine else usual:
            opening, closing = int(item["open"][:2]), int(item["close"][:2])
            last = closing if closing > opening else closing + 24
            found |= {number * 24 + hour for hour in range(opening, last) if 0 <= number * 24 + hour < days * 24}
    return found


@given(SPACES, SPACES)
def test_nobody_is_asked_only_when_every_hour_stays_open(before: dict[str, Any], after: dict[str, Any]) -> None:
    week = {"exceptions": []}  # the exceptions' dates are all in these two weeks: the rest of time is the week's
    narrows = not open_hours(before) <= open_hours(after) or not open_hours(before | week) <= open_hours(after | week)
    assert may_invalidate_bookings(before, after, TODAY) is narrows
