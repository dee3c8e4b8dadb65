"""SQL of the verdicts on spaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mesto.booking.bookable.records import SpaceAnswer
from mesto.booking.spaces.tables import SPACES
from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

_s = SPACES.c


async def list_answers(
    connection: AsyncConnection, after: UUID | None, limit: int, ids: Sequence[UUID] = ()
) -> list[SpaceAnswer]:
    """Return what was answered about spaces, by their ids: after one, or just these."""
    columns = (_s.id, _s.revision, _s.reason, _s.message, _s.bookable, _s.bookable_sequence)
    statement = select(*columns).order_by(_s.id)
    if ids:
        statement = statement.where(_s.id.in_(ids))
    else:
        statement = (statement.where(_s.id > after) if after else statement).limit(limit)
    return [SpaceAnswer(**row) for row in (await connection.execute(statement)).mappings()]


async def set_verdict(
    connection: AsyncConnection,
    space_id: UUID,
    bookable: Mapping[str, object] | None,
    now: datetime,
    due: datetime | None,
) -> int:
    """Keep whether a space can be booked, and when to reckon it anew; return the number of the verdict.

    Numbers grow with each change, also when the row was lost in between: they go by the time, in milliseconds.
    """
    new = bindparam("verdict", bookable, type_=_s.bookable.type)
    known = _s.bookable_sequence
    after = func.greatest(known + 1, round(now.timestamp() * 1000))
    number = case((_s.bookable.is_distinct_from(new), after), else_=known)
    values = {"bookable": new, "bookable_due": due, "bookable_sequence": number}
    statement = update(SPACES).where(_s.id == space_id).values(values).returning(_s.bookable_sequence)
    return int((await connection.execute(statement)).scalar_one())


async def make_due(connection: AsyncConnection, now: datetime) -> None:
    """Make due now whatever would be reckoned anew later."""
    await connection.execute(update(SPACES).where(_s.bookable_due > now).values(bookable_due=now))


async def list_due(connection: AsyncConnection, now: datetime, limit: int) -> list[UUID]:
    """Return the spaces to reckon anew, the longest due first."""
    statement = select(_s.id).where(_s.bookable_due <= now).order_by(_s.bookable_due).limit(limit)
    return list((await connection.execute(statement)).scalars())
