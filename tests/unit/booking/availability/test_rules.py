"""What is free, and the nearest other time; capacity against a model that cannot be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st
from mesto.booking.availability import rules
from mesto.booking.booking_rules.rules import BookingRules, RuleViolation, check
from mesto.booking.opening_hours.rules import WEEKDAYS, Interval, weekly
from mesto.booking.time_units.rules import units
from support.booking_rules import NOW, at, booking_rules


def test_the_nearest_other_time() -> None:
    free = dict.fromkeys(units(at(10), at(12), 30), 0)
    window = Interval(at(0), at(22))
    requested = Interval(at(10), at(11))
    assert rules.alternative(booking_rules(), requested, 1, NOW, free, window) == Interval(at(9), at(10))
    assert rules.alternative(booking_rules(), Interval(at(11), at(12)), 1, NOW, free, window) == Interval(
        at(12), at(13)
    )
    everything = dict.fromkeys(units(at(0), at(23), 30), 0)
    assert rules.alternative(booking_rules(), requested, 1, NOW, everything, window) is None


def naive_alternative(
    by: BookingRules, requested: Interval, seats: int, free: dict[datetime, int], window: Interval
) -> Interval | None:
    """Each slot of the window asked on its own."""
    length, candidates = requested.end - requested.start, []
    for slot in by.calendar.slots(window.start, window.end, by.slot_minutes):
        try:
            check(replace(by, min_minutes=None, max_minutes=None), slot.start, slot.start + length, seats, NOW)
        except RuleViolation:
            continue
        if rules.lowest(by, by.busy(slot.start, slot.start + length), free) >= seats:
            candidates.append(Interval(slot.start, slot.start + length))
    return min(candidates, key=lambda item: (abs(item.start - requested.start), -item.start.timestamp()), default=None)


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
    known = booking_rules(buffer_minutes=buffer, min_minutes=None, seats=3)
    if hours is not None:
        known = replace(known, calendar=replace(known.calendar, weekly=hours))
    free = {at(0) + timedelta(minutes=30 * unit): left for unit, left in taken}
    requested = Interval(at(0) + timedelta(minutes=30 * first), at(0) + timedelta(minutes=30 * (first + slots)))
    window = Interval(requested.start - timedelta(hours=24), requested.start + timedelta(hours=36))
    found = rules.alternative(known, requested, seats, NOW, free, window)
    assert found == naive_alternative(known, requested, seats, free, window)


def test_a_long_wish_takes_no_longer_than_its_availability() -> None:
    hours = weekly([(WEEKDAYS, "00:00", "24:00")])
    known = replace(booking_rules(slot_minutes=5, unit_minutes=5, buffer_minutes=0, max_minutes=None), seats=1)
    known = replace(known, calendar=replace(known.calendar, weekly=hours))
    requested = Interval(at(0), at(0) + timedelta(days=60))
    free = dict.fromkeys(units(requested.start, requested.end, 5), 0)
    window = Interval(requested.start - timedelta(hours=24), requested.start + timedelta(hours=72))

    def seconds(work: Callable[[], object]) -> float:
        begun = perf_counter()
        work()
        return perf_counter() - begun

    floor = min(
        seconds(lambda: rules.availability(known, requested.start, requested.end, 1, NOW, free)) for _ in range(3)
    )
    assert min(seconds(lambda: rules.alternative(known, requested, 1, NOW, free, window)) for _ in range(3)) < floor
    assert len(rules.taken_slots(known, requested, 1, free)) == rules.MOST_TAKEN


bookings_asked = st.lists(st.tuples(st.integers(0, 27), st.integers(1, 8), st.integers(1, 3)), min_size=1, max_size=25)


@given(asked=bookings_asked, seats=st.integers(1, 3), buffer=st.sampled_from([0, 15, 30]))
def test_counters_accept_what_a_sweep_of_moments_accepts(
    asked: list[tuple[int, int, int]], seats: int, buffer: int
) -> None:
    """Counting by units takes a booking exactly when the peak of use, moment by moment, leaves room for it."""
    by = booking_rules(seats=seats, buffer_minutes=buffer, unit_minutes=15)
    counters: dict[datetime, int] = {}
    accepted: list[tuple[datetime, datetime, int]] = []
    for begin, length, count in asked:
        start = at(8) + begin * timedelta(minutes=30)
        end = start + length * timedelta(minutes=30)
        busy_until = end + timedelta(minutes=buffer)
        moments = [start, *(moment for moment, _, _ in accepted if start < moment < busy_until)]
        peak = max(sum(n for s, e, n in accepted if s <= moment < e) for moment in moments)
        requested = by.busy(start, end)
        fits = rules.lowest(by, requested, {unit: seats - used for unit, used in counters.items()}) >= count
        assert fits == (peak + count <= seats)
        if fits:
            accepted.append((start, busy_until, count))
            for unit in requested:
                counters[unit] = counters.get(unit, 0) + count
