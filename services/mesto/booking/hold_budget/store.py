"""SQL of the budget: which bookings of a renter count."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from mesto.booking.bookings.tables import BOOKINGS, IS_FREE, IS_HELD
from mesto.booking.hold_budget.records import CountedRenter
from mesto.booking.hold_budget.rules import CountedBooking
from mesto.booking.spaces.tables import SPACES
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    cast,
    extract,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

_b = BOOKINGS.c


def moment(name: str) -> BindParameter[datetime]:
    """Return a parameter that is an instant."""
    return bindparam(name, type_=_b.created_at.type)


def _counts() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return which bookings of a renter count: holds, and those that cost nothing; none is of both.

    Not one hold from before ``made_after`` has a say any more.
    """
    mine, since = _b.user_id == bindparam("renter", type_=_b.user_id.type), moment("counts_since")
    held = or_(and_(IS_HELD, _b.expires_at > since), _b.released_at > since)
    return and_(mine, _b.created_at > moment("made_after"), held), and_(mine, IS_FREE, _b.ends_at > since)


def with_budget(statement: Select[tuple[object, ...]]) -> Select[tuple[object, ...]]:
    """Add to a statement on spaces how many bookings count, and how much seat-time those of the space take."""
    seconds = cast(func.coalesce(func.sum(_b.seats * extract("epoch", _b.ends_at - _b.starts_at)), 0), BigInteger)
    number: list[ScalarSelect[int]] = []
    time: list[ScalarSelect[int]] = []
    for counts in _counts():  # apart, for each has an index of its own
        number.append(select(func.count()).select_from(BOOKINGS).where(counts).scalar_subquery())
        here = select(seconds).where(counts, _b.space_id == SPACES.c.id)
        time.append(here.correlate(SPACES).scalar_subquery())
    return statement.add_columns((number[0] + number[1]).label("holds"), (time[0] + time[1]).label("seat_seconds"))


_COUNTED = select(_b.space_id, _b.seats, _b.starts_at, _b.ends_at, _b.expires_at, _b.released_at).where(or_(*_counts()))


async def list_counted(
    connection: AsyncConnection, renter: CountedRenter, space_id: UUID, cool_down: timedelta
) -> list[CountedBooking]:
    """Return the bookings that count in a renter's budget; those that cost nothing do until they are over."""
    rows = await connection.execute(_COUNTED, renter.values)
    return [
        CountedBooking(
            (row.released_at or row.expires_at or row.ends_at) + cool_down,
            (row.ends_at - row.starts_at) * row.seats,
            row.space_id == space_id,
        )
        for row in rows
    ]
