"""Rules of a resource and the states of a booking; capacity against a model that cannot be wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from mesto.booking.domain import rules
from mesto.booking.domain.calendar import WEEKDAYS, Calendar, Interval, weekly
from mesto.booking.domain.money import Price
from mesto.booking.domain.states import SEATED, TRANSITIONS, Action, NotPossible, Status, next_status
from mesto.booking.domain.units import units

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # noon in Moscow
HOUR = timedelta(hours=1)


def terms(**changes: object) -> rules.Terms:
    values = {
        "calendar": Calendar(MOSCOW, weekly([(WEEKDAYS, "08:00", "22:00")]), {}),
        "seats": 3,
        "slot_minutes": 30,
        "unit_minutes": 30,
        "buffer_minutes": 0,
        "min_minutes": 60,
        "max_minutes": 240,
        "notice_minutes": 60,
        "advance_days": 7,
        "prices": (Price("hour", Decimal(100), "RUB"),),
        "open_for_booking": True,
    }
    return rules.Terms(**{**values, **changes})  # type: ignore[arg-type]


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW).astimezone(UTC)


CASES = [
    (at(10), at(11), 1, {}, None),
    (at(21), at(22), 3, {}, None),
    (at(10), at(10), 1, {}, "invalid-time"),
    (at(10), at(10, 30), 1, {}, "too-short"),
    (at(10), at(15), 1, {}, "too-long"),
    (at(10, 10), at(11, 10), 1, {}, "not-on-grid"),
    (at(10), at(11, 10), 1, {}, "not-on-grid"),
    (at(21, 30), at(22, 30), 1, {}, "outside-opening-hours"),
    (at(10), at(11), 4, {}, "too-many-seats"),
    (at(11, 30, day=23), at(12, 30, day=23), 1, {}, "in-the-past"),
    (at(12, 30, day=23), at(13, 30, day=23), 1, {}, "too-soon"),
    (at(13, day=23), at(14, day=23), 1, {}, None),
    (at(21, day=30), at(22, day=30), 1, {}, None),
    (datetime(2026, 12, 1, 8, tzinfo=MOSCOW), datetime(2026, 12, 1, 9, tzinfo=MOSCOW), 1, {}, "too-far"),
    (at(10), at(11), 1, {"open_for_booking": False}, "not-bookable"),
    (at(10), at(11), 1, {"prices": ()}, "no-price"),
    (at(10), at(11), 2, {"prices": (Price("hour", Decimal("9999999999.99"), "RUB"),)}, "too-expensive"),
    (at(10), at(10, 30), 1, {"min_minutes": None}, None),
]


@pytest.mark.parametrize(("start", "end", "seats", "changes", "code"), CASES)
def test_each_rule(start: datetime, end: datetime, seats: int, changes: dict[str, object], code: str | None) -> None:
    if code is None:
        assert rules.check(terms(**changes), start, end, seats, NOW).total > 0
        return
    with pytest.raises(rules.Broken) as broken:
        rules.check(terms(**changes), start, end, seats, NOW)
    assert broken.value.code == code


def test_the_nearest_other_time() -> None:
    free = dict.fromkeys(units(at(10), at(12), 30), 0)
    window = Interval(at(0), at(22))
    wanted = Interval(at(10), at(11))
    assert rules.alternative(terms(), wanted, 1, NOW, free, window) == Interval(at(9), at(10))
    assert rules.alternative(terms(), Interval(at(11), at(12)), 1, NOW, free, window) == Interval(at(12), at(13))
    everything = dict.fromkeys(units(at(0), at(23), 30), 0)
    assert rules.alternative(terms(), wanted, 1, NOW, everything, window) is None


bookings_asked = st.lists(st.tuples(st.integers(0, 27), st.integers(1, 8), st.integers(1, 3)), min_size=1, max_size=25)


@given(asked=bookings_asked, seats=st.integers(1, 3), buffer=st.sampled_from([0, 15, 30]))
def test_counters_accept_what_a_sweep_of_moments_accepts(
    asked: list[tuple[int, int, int]], seats: int, buffer: int
) -> None:
    """Counting by units takes a booking exactly when the peak of use, moment by moment, leaves room for it."""
    rule_ = terms(seats=seats, buffer_minutes=buffer, unit_minutes=15)
    counters: dict[datetime, int] = {}
    accepted: list[tuple[datetime, datetime, int]] = []
    for begin, length, count in asked:
        start = at(8) + begin * timedelta(minutes=30)
        end = start + length * timedelta(minutes=30)
        busy_until = end + timedelta(minutes=buffer)
        moments = [start, *(moment for moment, _, _ in accepted if start < moment < busy_until)]
        peak = max(sum(n for s, e, n in accepted if s <= moment < e) for moment in moments)
        wanted = rule_.busy(start, end)
        fits = rules.lowest(rule_, wanted, {unit: seats - used for unit, used in counters.items()}) >= count
        assert fits == (peak + count <= seats)
        if fits:
            accepted.append((start, busy_until, count))
            for unit in wanted:
                counters[unit] = counters.get(unit, 0) + count


def test_every_pair_of_status_and_action() -> None:
    for status, action in product(Status, Action):
        if (status, action) in TRANSITIONS:
            assert next_status(status, action) is TRANSITIONS[status, action]
        else:
            with pytest.raises(NotPossible):
                next_status(status, action)


class Seats(RuleBasedStateMachine):
    """Bookings of one slot go through their lives; counters follow as the service makes them follow."""

    total = 3

    def __init__(self) -> None:
        super().__init__()
        self.bookings: list[tuple[Status, int]] = []
        self.used = 0

    @rule(count=st.integers(1, 3))
    def hold(self, count: int) -> None:
        if self.used + count <= self.total:
            self.used += count
            self.bookings.append((Status.HELD, count))

    @precondition(lambda self: self.bookings)
    @rule(data=st.data(), action=st.sampled_from(Action))
    def act(self, data: st.DataObject, action: Action) -> None:
        index = data.draw(st.integers(0, len(self.bookings) - 1))
        status, count = self.bookings[index]
        try:
            after = next_status(status, action)
        except NotPossible:
            return
        if after in SEATED and status not in SEATED:
            if self.used + count > self.total:
                return  # late money goes back
            self.used += count
        elif status in SEATED and after not in SEATED:
            self.used -= count
        self.bookings[index] = (after, count)

    @invariant()
    def never_oversold(self) -> None:
        assert self.used == sum(count for status, count in self.bookings if status in SEATED)
        assert 0 <= self.used <= self.total


TestSeats = Seats.TestCase
TestSeats.settings = settings(max_examples=50, deadline=None)
