"""The statements of the hot path, a hold: written down once and sent by asyncpg itself (see common.db.Direct)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
from mesto.booking.store.keys import Answer
from mesto.booking.store.slots import TAKE
from mesto.booking.store.spaces import BOOKABLE
from mesto.booking.tables import booking_history, bookings, idempotency_keys, is_held, outbox, resources, spaces
from mesto.common.db import Direct, Written
from sqlalchemy import Insert, Select, Table, bindparam, func, insert, select, update

_b, _k, _r = bookings.c, idempotency_keys.c, resources.c


def _resource() -> Select[Any]:
    now = bindparam("now", type_=_b.created_at.type)
    start, end = bindparam("start", type_=_b.starts_at.type), bindparam("end", type_=_b.ends_at.type)
    renter = bindparam("renter", type_=_b.user_id.type)
    holds = select(func.count()).where(_b.user_id == renter, is_held, _b.expires_at > now)
    run_out = select(_b.id).where(
        _b.resource_id == _r.id,
        is_held,
        _b.expires_at <= now,
        _b.busy_until > start,
        _b.starts_at < end + func.make_interval(0, 0, 0, 0, 0, _r.buffer_minutes),
    )
    statement = BOOKABLE.add_columns(
        holds.select_from(bookings).scalar_subquery().label("holds"),
        run_out.correlate(resources).exists().label("run_out"),
    )
    wanted = bindparam("resource_id", type_=_r.id.type)
    return statement.where(_r.id == wanted).with_for_update(read=True, of=(resources, spaces))


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


RESOURCE, _SAVE = Written(_resource()), Written(_save())


async def resource(
    direct: Direct, resource_id: UUID, renter: UUID, start: datetime, end: datetime, now: datetime
) -> SimpleNamespace | None:
    """A resource with the rules of its space (as store.spaces.resource), locked against changes of both.

    Two more columns save two statements: ``holds`` is the number of unpaid holds that the renter has, ``run_out`` says
    whether holds that have run out stand in the way of the time (its buffer included).
    """
    values = {"resource_id": resource_id, "renter": renter, "start": start, "end": end, "now": now}
    for row in await direct.fetch(RESOURCE, values):
        return SimpleNamespace(**row)
    return None


async def save(
    direct: Direct,
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
    values["booking_cancellation"] = orjson.dumps(booking["cancellation"]).decode()
    values |= {f"history_{name}": value for name, value in history.items()}
    values |= {f"event_{name}": value for name, value in event.items()}
    values |= {"answer_status": answer.status, "answer_media_type": answer.media_type, "answer_body": answer.body}
    values |= {"resource_id": booking["resource_id"], "starts": busy, "count": booking["seats"], "seats": seats}
    await direct.fetch(_SAVE, values | {"key_user": booking["user_id"], "key_key": key})
