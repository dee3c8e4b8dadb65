"""The statements of the hot path, a hold: written down once and sent by asyncpg itself (see RawTransaction)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
from mesto.booking.domain.budget import Hold
from mesto.booking.store.keys import Answer
from mesto.booking.store.slots import TAKE
from mesto.booking.store.spaces import BOOKABLE
from mesto.booking.tables import (
    booking_history,
    bookings,
    idempotency_keys,
    is_free,
    is_held,
    outbox,
    resources,
    spaces,
)
from mesto.common.database.engine import CompiledStatement, RawTransaction
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Insert,
    ScalarSelect,
    Select,
    Table,
    and_,
    bindparam,
    cast,
    extract,
    func,
    insert,
    or_,
    select,
    update,
)

_b, _k, _r = bookings.c, idempotency_keys.c, resources.c


def _moment(name: str) -> Any:
    return bindparam(name, type_=_b.created_at.type)


def _counts() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Which bookings of a renter count in their budget: holds, and those that cost nothing; none is of both.

    Not one hold from before ``made_after`` has a say any more.
    """
    mine, since = _b.user_id == bindparam("renter", type_=_b.user_id.type), _moment("counts_since")
    held = or_(and_(is_held, _b.expires_at > since), _b.released_at > since)
    return and_(mine, _b.created_at > _moment("made_after"), held), and_(mine, is_free, _b.ends_at > since)


def _resource() -> Select[Any]:
    now, start, end = _moment("now"), _moment("start"), _moment("end")
    run_out = select(_b.id).where(
        _b.resource_id == _r.id,
        is_held,
        _b.expires_at <= now,
        _b.busy_until > start,
        _b.starts_at < end + func.make_interval(0, 0, 0, 0, 0, _r.buffer_minutes),
    )
    statement = BOOKABLE.add_columns(run_out.correlate(resources).exists().label("run_out"))
    wanted = bindparam("resource_id", type_=_r.id.type)
    return statement.where(_r.id == wanted).with_for_update(read=True, of=(resources, spaces))


def _with_budget(statement: Select[Any]) -> Select[Any]:
    seconds = cast(func.coalesce(func.sum(_b.seats * extract("epoch", _b.ends_at - _b.starts_at)), 0), BigInteger)
    number: list[ScalarSelect[int]] = []
    time: list[ScalarSelect[int]] = []
    for counts in _counts():  # apart, for each has an index of its own
        number.append(select(func.count()).select_from(bookings).where(counts).scalar_subquery())
        here = select(seconds).where(counts, _b.space_id == spaces.c.id)
        time.append(here.correlate(spaces).scalar_subquery())
    return statement.add_columns((number[0] + number[1]).label("holds"), (time[0] + time[1]).label("seat_seconds"))


def _insert(table: Table, prefix: str, *left_out: str) -> Insert:
    columns = [column for column in table.columns if column.name not in left_out]
    return insert(table).values({one.name: bindparam(prefix + one.name, type_=one.type) for one in columns})


def _save() -> Any:
    answer = {name: bindparam(f"answer_{name}", type_=_k[name].type) for name in ("status", "media_type", "body")}
    mine = bindparam("key_user", type_=_k.user_id.type), bindparam("key_key", type_=_k.key.type)
    return (
        update(idempotency_keys)
        .where(_k.user_id == mine[0], _k.key == mine[1])
        .values(answer)
        .add_cte(TAKE.columns().cte("taken"))  # the first: nothing is written before a refusal
        .add_cte(_insert(bookings, "booking_").cte("made"))
        .add_cte(_insert(booking_history, "history_", "id").cte("audited"))
        .add_cte(_insert(outbox, "event_", "id", "created_at").cte("told"))
    )


RESOURCE, RESOURCE_WITH_BUDGET, _SAVE = (
    CompiledStatement(_resource()),
    CompiledStatement(_with_budget(_resource())),
    CompiledStatement(_save()),
)
_COUNTED = select(_b.space_id, _b.seats, _b.starts_at, _b.ends_at, _b.expires_at, _b.released_at).where(or_(*_counts()))


@dataclass(frozen=True)
class Renter:
    """Whose holds are counted: those that ran out or were given up after ``counts_since`` too.

    None of those was made before ``made_after``, which spares a look at all that the renter has ever booked.
    """

    id: UUID
    counts_since: datetime
    made_after: datetime

    @property
    def values(self) -> dict[str, Any]:
        """Parameters."""
        return {"renter": self.id, "counts_since": self.counts_since, "made_after": self.made_after}


async def resource(
    direct: RawTransaction, resource_id: UUID, renter: Renter | None, start: datetime, end: datetime, now: datetime
) -> SimpleNamespace | None:
    """A resource with the rules of its space (as store.spaces.resource), locked against changes of both.

    More columns save statements: ``run_out`` says whether holds that have run out stand in the way of the time (its
    buffer included); with a renter ``holds`` is how many holds of theirs count and ``seat_seconds`` how much those of
    this space take.
    """
    values = {"resource_id": resource_id, "start": start, "end": end, "now": now}
    statement = RESOURCE if renter is None else RESOURCE_WITH_BUDGET
    for row in await direct.fetch(statement, values if renter is None else values | renter.values):
        return SimpleNamespace(**row)
    return None


async def counted(direct: RawTransaction, renter: Renter, space_id: UUID, cool_down: timedelta) -> list[Hold]:
    """The bookings that count in a renter's budget; those that cost nothing do until they are over."""
    rows = await direct.connection.execute(_COUNTED, renter.values)
    return [
        Hold(
            (row.released_at or row.expires_at or row.ends_at) + cool_down,
            (row.ends_at - row.starts_at) * row.seats,
            row.space_id == space_id,
        )
        for row in rows
    ]


async def save(
    direct: RawTransaction,
    booking: Mapping[str, Any],
    history: Mapping[str, Any],
    event: Mapping[str, Any],
    key: str,
    answer: Answer,
    busy: list[datetime],
    seats: int,
) -> None:
    """Take the seats of a booking in its ``busy`` units, as store.slots.take; insert it, its audit and its event.

    The answer is remembered, too: all in one statement, for others wait for the units from here to the commit.
    """
    values = {f"booking_{name}": value for name, value in booking.items()}
    for name in ("cancellation", "booked_title"):
        values[f"booking_{name}"] = orjson.dumps(booking[name]).decode()
    values |= {f"history_{name}": value for name, value in history.items()}
    values |= {f"event_{name}": value for name, value in event.items()}
    values |= {"answer_status": answer.status, "answer_media_type": answer.media_type, "answer_body": answer.body}
    values |= {"resource_id": booking["resource_id"], "starts": busy, "count": booking["seats"], "seats": seats}
    await direct.fetch(_SAVE, values | {"key_user": booking["user_id"], "key_key": key})
