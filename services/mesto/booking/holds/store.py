"""The statements of the hot path, a hold: written down once and sent by asyncpg itself (see RawTransaction).

They are made of those of other features' stores, so that a hold takes few.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import orjson
from mesto.booking.bookings.records import Booking, HistoryEntry
from mesto.booking.bookings.tables import BOOKING_HISTORY, BOOKINGS, IS_HELD
from mesto.booking.capacity.store import TAKE
from mesto.booking.hold_budget.records import CountedRenter
from mesto.booking.hold_budget.store import moment, with_budget
from mesto.booking.holds.records import HoldableResource
from mesto.booking.idempotency.records import Answer
from mesto.booking.idempotency.tables import IDEMPOTENCY_KEYS
from mesto.booking.spaces.store import BOOKABLE
from mesto.booking.spaces.tables import RESOURCES, SPACES
from mesto.booking.tables import OUTBOX
from mesto.common.database.engine import CompiledStatement, RawTransaction
from sqlalchemy import ClauseElement, Insert, Select, Table, bindparam, func, insert, select, update

_b, _k, _r = BOOKINGS.c, IDEMPOTENCY_KEYS.c, RESOURCES.c
_BOOKED = [(column.name, f"booking_{column.name}") for column in BOOKINGS.columns]
"""Columns of a new booking, with the parameters that they come from."""


def _resource() -> Select[tuple[object, ...]]:
    now, start, end = moment("now"), moment("start"), moment("end")
    run_out = select(_b.id).where(
        _b.resource_id == _r.id,
        IS_HELD,
        _b.expires_at <= now,
        _b.busy_until > start,
        _b.starts_at < end + func.make_interval(0, 0, 0, 0, 0, _r.buffer_minutes),
    )
    statement = BOOKABLE.add_columns(run_out.correlate(RESOURCES).exists().label("run_out"))
    mine = bindparam("resource_id", type_=_r.id.type)
    return statement.where(_r.id == mine).with_for_update(read=True, of=(RESOURCES, SPACES))


def _insert(table: Table, prefix: str, *left_out: str) -> Insert:
    columns = [column for column in table.columns if column.name not in left_out]
    return insert(table).values({column.name: bindparam(prefix + column.name, type_=column.type) for column in columns})


def _save() -> ClauseElement:
    answer = {name: bindparam(f"answer_{name}", type_=_k[name].type) for name in ("status", "media_type", "body")}
    mine = bindparam("key_user", type_=_k.user_id.type), bindparam("key_key", type_=_k.key.type)
    return (
        update(IDEMPOTENCY_KEYS)
        .where(_k.user_id == mine[0], _k.key == mine[1])
        .values(answer)
        .add_cte(TAKE.columns().cte("taken"))  # the first: nothing is written before a refusal
        .add_cte(_insert(BOOKINGS, "booking_").cte("made"))
        .add_cte(_insert(BOOKING_HISTORY, "history_", "id").cte("audited"))
        .add_cte(_insert(OUTBOX, "event_", "id", "created_at").cte("told"))
    )


RESOURCE, RESOURCE_WITH_BUDGET, _SAVE = (
    CompiledStatement(_resource()),
    CompiledStatement(with_budget(_resource())),
    CompiledStatement(_save()),
)


async def lock_resource(
    direct: RawTransaction,
    resource_id: UUID,
    renter: CountedRenter | None,
    start: datetime,
    end: datetime,
    now: datetime,
) -> HoldableResource | None:
    """Return a resource with the rules of its space, locked against changes of both; with a renter their budget."""
    values = {"resource_id": resource_id, "start": start, "end": end, "now": now}
    statement = RESOURCE if renter is None else RESOURCE_WITH_BUDGET
    for row in await direct.fetch(statement, values if renter is None else values | renter.values):
        return HoldableResource(**row)
    return None


async def save(
    direct: RawTransaction,
    booking: Booking,
    history: HistoryEntry,
    event: Mapping[str, str | bytes],
    key: str,
    answer: Answer,
    busy: list[datetime],
    seats: int,
) -> None:
    """Occupy the seats of a booking in its ``busy`` units, as capacity does; insert it, its audit and its event.

    The answer is remembered, too: all in one statement, for others wait for the units from here to the commit.
    """
    values: dict[str, object] = {parameter: getattr(booking, name) for name, parameter in _BOOKED}
    values["booking_cancellation"] = orjson.dumps(booking.cancellation).decode()
    values["booking_booked_title"] = orjson.dumps(booking.booked_title).decode()
    values |= {f"history_{name}": value for name, value in vars(history).items()}
    values |= {f"event_{name}": value for name, value in event.items()}
    values |= {"answer_status": answer.status, "answer_media_type": answer.media_type, "answer_body": answer.body}
    values |= {"resource_id": booking.resource_id, "starts": busy, "count": booking.seats, "seats": seats}
    await direct.fetch(_SAVE, values | {"key_user": booking.user_id, "key_key": key})
