"""How much one person may hold unpaid, what of it still counts, and when there is room again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from mesto.booking.hold_budget.rules import CountedBooking, Excess, Limits, excess, limits, within
from mesto.booking.hold_budget.service import over_budget
from mesto.contracts.policy import HoldBudget

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def hold(minutes: int, hours: int = 1, here: bool = True) -> CountedBooking:
    return CountedBooking(after(minutes), timedelta(hours=hours), here)


def hours(number: int) -> timedelta:
    return timedelta(hours=number)


def test_the_next_hold_waits_for_the_first_that_counts_no_more() -> None:
    held = [hold(9), hold(3, here=False), hold(6)]
    assert excess(Limits(open_holds=4), held, hours(1)) is None
    assert excess(Limits(open_holds=3), held, hours(1)) == Excess("open_holds", 3, after(3))
    assert excess(Limits(open_holds=2), held, hours(1)) == Excess("open_holds", 2, after(6))


def test_seat_hours_count_by_space_and_wait_until_enough_of_them_are_free() -> None:
    held = [hold(9, 10), hold(3, 90, here=False), hold(6, 4)]
    assert excess(Limits(seat_hours=20), held, hours(6)) is None
    assert excess(Limits(seat_hours=20), held, hours(7)) == Excess("seat_hours", 20, after(6))
    assert excess(Limits(seat_hours=20), held, hours(11)) == Excess("seat_hours", 20, after(9))


def test_a_wish_that_is_more_than_the_budget_is_refused_for_good() -> None:
    assert excess(Limits(open_holds=1, seat_hours=20), [hold(5)], hours(21)) == Excess("seat_hours", 20, None)
    problem = over_budget(Excess("seat_hours", 20, None), False, NOW)
    assert problem.detail == (
        "At most 20 seat-hours of one space may be held unpaid or had for nothing at a time, "
        "more once your e-mail address is verified. "
        "Take fewer seats or a shorter time."
    )


def test_of_two_limits_the_one_counts_that_ends_last() -> None:
    held = [hold(5, 1), hold(20, 19)]
    assert excess(Limits(open_holds=2, seat_hours=20), held, hours(5)) == Excess("seat_hours", 20, after(20))
    problem = over_budget(Excess("open_holds", 2, after(20)), True, NOW)
    assert (problem.status, problem.slug, problem.headers) == (429, "hold-budget", {"Retry-After": "1200"})
    assert problem.detail == (
        "At most 2 bookings may be held unpaid or had for nothing at a time. Pay for one, or try again in 20 minutes."
    )


HELD = st.lists(st.builds(hold, st.integers(1, 90), st.integers(1, 30), st.booleans()), max_size=8)


@given(HELD, st.integers(1, 40), st.integers(1, 8), st.integers(1, 60))
def test_when_the_time_has_come_there_is_room(
    held: list[CountedBooking], wanted: int, most: int, seat_hours: int
) -> None:
    chosen = Limits(most, seat_hours)

    def fits(counted: list[CountedBooking]) -> bool:
        here = sum((hold.seat_time for hold in counted if hold.here), hours(wanted))
        return within(chosen, len(counted) + 1, here)

    found = excess(chosen, held, hours(wanted))
    assert (found is None) == fits(held)
    if found is not None and found.until is not None:
        assert fits([hold for hold in held if hold.until > found.until])
        assert not fits([hold for hold in held if hold.until >= found.until])
    elif found is not None:
        assert not fits([])


def test_nothing_is_counted_where_the_policy_sets_no_limit() -> None:
    open_policy = HoldBudget.model_validate({"verified": {"open_holds": 0, "seat_hours_per_space": 0}})
    assert limits(open_policy, verified=True).none
    assert not limits(open_policy, verified=False).none
    assert within(Limits(), 10**6, timedelta(days=10**6))


def test_what_is_built_in_is_less_for_an_address_that_is_not_verified() -> None:
    assert limits(HoldBudget(), verified=True) == Limits(20, 2000)
    assert limits(HoldBudget(), verified=False) == Limits(3, 48)
