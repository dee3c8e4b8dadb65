"""Idempotency keys and the answers that were given under them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mesto.booking.tables import idempotency_keys
from mesto.common.database.engine import CompiledStatement, RawTransaction
from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

_k = idempotency_keys.c

# The advisory lock lets one booking request of a renter through at a time: a repeat that overlaps the first waits for
# its answer, and the number of holds is counted exactly. It ends with the transaction.
_BEGIN = CompiledStatement(
    text("""
    WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(:turn))
    INSERT INTO booking.idempotency_keys AS known (user_id, key, fingerprint, created_at)
    SELECT :user_id, :key, :fingerprint, :now FROM turn
    ON CONFLICT (user_id, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, created_at = excluded.created_at,
            status = NULL, media_type = NULL, body = NULL
        WHERE known.created_at < :forgotten
    RETURNING true
""")
)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, byte by byte."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True)
class Known:
    """What was asked (its fingerprint) and answered under a key."""

    fingerprint: bytes
    answer: Answer | None


async def begin(
    direct: RawTransaction, user_id: UUID, key: str, fingerprint: bytes, now: datetime, forgotten: datetime
) -> Known | None:
    """None when the key is new and now ours, else what is known; keys from before ``forgotten`` count as new."""
    turn = int.from_bytes(user_id.bytes[:8], signed=True)
    values = {"user_id": user_id, "key": key, "fingerprint": fingerprint, "now": now, "forgotten": forgotten}
    if await direct.fetch(_BEGIN, {**values, "turn": turn}):
        return None
    row = (await direct.connection.execute(select(idempotency_keys).where(_k.user_id == user_id, _k.key == key))).one()
    answer = None if row.status is None else Answer(row.status, row.media_type, row.body)
    return Known(row.fingerprint, answer)


async def finish(connection: AsyncConnection, user_id: UUID, key: str, answer: Answer) -> None:
    """Remember the answer, within the transaction of ``begin``."""
    statement = update(idempotency_keys).where(_k.user_id == user_id, _k.key == key)
    await connection.execute(statement.values(status=answer.status, media_type=answer.media_type, body=answer.body))


async def prune(connection: AsyncConnection, before: datetime) -> int:
    """Forget keys from before; how many."""
    return (await connection.execute(delete(idempotency_keys).where(_k.created_at < before))).rowcount
