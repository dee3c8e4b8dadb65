"""The states of a booking, and the seats that they keep."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from mesto.booking.state_machine.rules import SEATED, TRANSITIONS, Action, InvalidTransition, Status, next_status


def test_every_pair_of_status_and_action() -> None:
    for status, action in product(Status, Action):
        if (status, action) in TRANSITIONS:
            assert next_status(status, action) is TRANSITIONS[status, action]
        else:
            with pytest.raises(InvalidTransition):
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
        except InvalidTransition:
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
