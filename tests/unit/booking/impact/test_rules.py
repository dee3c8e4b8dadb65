"""Which bookings a change strands: by the hours of the venue's days, by seats in the order of booking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from mesto.booking.impact.rules import Rule, Seated, stranded, unhonourable
from mesto.booking.opening_hours.rules import WEEKDAYS, Calendar, weekly

NOW = datetime(2026, 10, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def rule(opening: str = "00:00", closing: str = "24:00", seats: int = 1) -> Rule:
    return Rule(Calendar(BERLIN, weekly([(WEEKDAYS, opening, closing)]), {}), seats)


def booking(start: datetime, hours: float, seats: int = 1) -> Seated:
    begin = start.astimezone(UTC)
    end = begin + timedelta(hours=hours)
    return Seated(uuid4(), begin, end, end, seats)


def local(day: int, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    """In October 2026, when Berlin's clocks go back at 3:00 of the 25th."""
    return datetime(2026, 10, day, hour, minute, tzinfo=BERLIN, fold=fold)


def test_the_hour_that_comes_twice_belongs_to_the_hours_before_closing() -> None:
    first, second = booking(local(25, 2), 1), booking(local(25, 2, fold=1), 1)
    assert second.start - first.start == timedelta(hours=1)
    assert unhonourable([first, second], rule(closing="03:00"), 60, NOW) == set()
    assert unhonourable([first, second], rule(closing="02:00"), 60, NOW) == {second.id}, "of two closings the last"
    assert unhonourable([first, second], rule(opening="03:00"), 60, NOW) == {first.id, second.id}


def test_a_booking_over_the_change_of_the_clocks_is_stranded_by_an_earlier_closing() -> None:
    night = booking(local(25, 1), 3)  # 1:00 to 3:00 on the clock
    assert unhonourable([night], rule(closing="03:00"), 60, NOW) == set()
    assert unhonourable([night], rule(closing="02:55"), 5, NOW) == {night.id}


def test_what_has_passed_of_a_booking_does_not_count() -> None:
    running = booking(local(5, 8), 4)
    at_ten = local(5, 10).astimezone(UTC)
    assert unhonourable([running], rule(opening="10:00"), 60, at_ten) == set()
    assert unhonourable([running], rule(opening="11:00"), 60, at_ten) == {running.id}


def test_a_buffer_takes_seats_too() -> None:
    first = booking(local(5, 8), 1)
    buffered = Seated(first.id, first.start, first.end, first.end + timedelta(hours=1), 1)
    second = booking(local(5, 9), 1)
    assert unhonourable([buffered, second], rule(), 60, NOW) == {second.id}
    assert unhonourable([buffered, second], rule(seats=2), 60, NOW) == set()


BOOKINGS = st.lists(
    st.builds(
        lambda hour, length, seats: booking(local(5, 0) + timedelta(hours=hour), length, seats),
        st.integers(0, 23),
        st.integers(1, 6),
        st.integers(1, 3),
    ),
    max_size=12,
)


@given(BOOKINGS, st.integers(1, 6))
def test_those_that_fit_fit_together(bookings: list[Seated], seats: int) -> None:
    out = unhonourable(bookings, rule(seats=seats), 60, NOW)
    kept = [booking for booking in bookings if booking.id not in out]
    for hour in range(30):
        moment = (local(5, 0) + timedelta(hours=hour)).astimezone(UTC)
        assert sum(booking.seats for booking in kept if booking.start <= moment < booking.end) <= seats
    assert unhonourable(kept, rule(seats=seats), 60, NOW) == set()


@given(BOOKINGS, st.integers(1, 6))
def test_a_rule_that_stays_strands_nobody_and_none_at_all_everybody(bookings: list[Seated], seats: int) -> None:
    same = rule(seats=seats)
    assert stranded(bookings, same, same, 60, NOW) == set()
    everybody: set[UUID] = {booking.id for booking in bookings}
    assert unhonourable(bookings, None, 60, NOW) == everybody
