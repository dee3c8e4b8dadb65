"""Records have the columns that the statements give, so that none is missed when a row comes."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from mesto.booking.bookings import store as bookings
from mesto.booking.bookings.records import Booking, HistoryEntry
from mesto.booking.bookings.tables import BOOKING_HISTORY, BOOKINGS
from mesto.booking.hold_budget.store import with_budget
from mesto.booking.holds import store as holds
from mesto.booking.holds.records import HoldableResource
from mesto.booking.payments.records import Payment
from mesto.booking.payments.tables import PAYMENTS
from mesto.booking.spaces import store as spaces
from mesto.booking.spaces.records import BookableResource, Resource, Space
from mesto.booking.spaces.tables import RESOURCES, SPACES
from mesto.booking.users.records import User
from mesto.booking.users.tables import USERS

SELECTED: list[tuple[type[Any], Any]] = [
    (Booking, bookings._FULL.selected_columns),
    (BookableResource, spaces.BOOKABLE.selected_columns),
    (HoldableResource, with_budget(holds._resource()).selected_columns),
    (Payment, PAYMENTS.columns),
    (Resource, RESOURCES.columns),
    (Space, SPACES.columns),
    (User, USERS.columns),
]


def names(record: type[Any]) -> set[str]:
    return {field.name for field in fields(record)}


@pytest.mark.parametrize(("record", "columns"), SELECTED, ids=[record.__name__ for record, _ in SELECTED])
def test_a_record_has_the_columns_of_its_statement(record: type[Any], columns: Any) -> None:
    assert names(record) == {column.name for column in columns}


def test_what_a_hold_inserts_comes_from_its_records() -> None:
    assert {column.name for column in BOOKINGS.columns} < names(Booking)
    assert {column.name for column in BOOKING_HISTORY.columns} - {"id"} == names(HistoryEntry)
