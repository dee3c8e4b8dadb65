"""Rules of a resource and the states of a booking; capacity against a model that cannot be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from time import perf_counter
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


def naive_alternative(
    terms: rules.Terms, wanted: Interval, seats: int, free: dict[datetime, int], window: Interval
) -> Interval | None:
    """Each slot of the window asked on its own."""
    length, candidates = wanted.end - wanted.start, []
    for slot in terms.calendar.slots(window.start, window.end, terms.slot_minutes):
        try:
            rules.check(replace(terms, min_minutes=None, max_minutes=None), slot.start, slot.start + length, seats, NOW)
        except rules.Broken:
            continue
        if rules.lowest(terms, terms.busy(slot.start, slot.start + length), free) >= seats:
            candidates.append(Interval(slot.start, slot.start + length))
    return min(candidates, key=lambda item: (abs(item.start - wanted.start), -item.start.timestamp()), default=None)


@given(
    st.lists(st.tuples(st.integers(0, 160), st.integers(0, 3)), max_size=40),
    st.integers(0, 60),
    st.integers(1, 12),
    st.integers(1, 3),
    st.sampled_from([0, 30]),
    st.booleans(),
)
def test_the_nearest_other_time_is_the_one_that_each_slot_asked_on_its_own_gives(
    taken: list[tuple[int, int]], first: int, slots: int, seats: int, buffer: int, always: bool
) -> None:
    hours = weekly([(WEEKDAYS, "00:00", "24:00")]) if always else None
    known = terms(buffer_minutes=buffer, min_minutes=None, seats=3)
    if hours is not None:
        known = replace(known, calendar=replace(known.calendar, weekly=hours))
    free = {at(0) + timedelta(minutes=30 * unit): left for unit, left in taken}
    wanted = Interval(at(0) + timedelta(minutes=30 * first), at(0) + timedelta(minutes=30 * (first + slots)))
    window = Interval(wanted.start - timedelta(hours=24), wanted.start + timedelta(hours=36))
    found = rules.alternative(known, wanted, seats, NOW, free, window)
    assert found == naive_alternative(known, wanted, seats, free, window)


def test_a_long_wish_takes_no_longer_than_its_availability() -> None:
    hours = weekly([(WEEKDAYS, "00:00", "24:00")])
    known = replace(terms(slot_minutes=5, unit_minutes=5, buffer_minutes=0, max_minutes=None), seats=1)
    known = replace(known, calendar=replace(known.calendar, weekly=hours))
    wanted = Interval(at(0), at(0) + timedelta(days=60))
    free = dict.fromkeys(units(wanted.start, wanted.end, 5), 0)
    window = Interval(wanted.start - timedelta(hours=24), wanted.start + timedelta(hours=72))

    def seconds(work: Callable[[], object]) -> float:
        begun = perf_counter()
        work()
        return perf_counter() - begun

    floor = min(seconds(lambda: rules.availability(known, wanted.start, wanted.end, 1, NOW, free)) for _ in range(3))
    assert min(seconds(lambda: rules.alternative(known, wanted, 1, NOW, free, window)) for _ in range(3)) < floor
    assert len(rules.taken_slots(known, wanted, 1, free)) == rules.MOST_TAKEN


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
