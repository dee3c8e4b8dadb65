"""SQL of idempotency keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mesto.booking.idempotency.records import Answer, KnownRequest
from mesto.booking.idempotency.tables import IDEMPOTENCY_KEYS
from mesto.common.database.engine import CompiledStatement, RawTransaction
from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

_k = IDEMPOTENCY_KEYS.c

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


async def begin(
    direct: RawTransaction, user_id: UUID, key: str, fingerprint: bytes, now: datetime, forgotten: datetime
) -> KnownRequest | None:
    """Return None when the key is new and now ours, else what is known; keys from before ``forgotten`` are new."""
    turn = int.from_bytes(user_id.bytes[:8], signed=True)
    values = {"user_id": user_id, "key": key, "fingerprint": fingerprint, "now": now, "forgotten": forgotten}
    if await direct.fetch(_BEGIN, {**values, "turn": turn}):
        return None
    row = (await direct.connection.execute(select(IDEMPOTENCY_KEYS).where(_k.user_id == user_id, _k.key == key))).one()
    answer = None if row.status is None else Answer(row.status, row.media_type, row.body)
    return KnownRequest(row.fingerprint, answer)


async def finish(connection: AsyncConnection, user_id: UUID, key: str, answer: Answer) -> None:
    """Remember the answer, within the transaction of ``begin``."""
    statement = update(IDEMPOTENCY_KEYS).where(_k.user_id == user_id, _k.key == key)
    await connection.execute(statement.values(status=answer.status, media_type=answer.media_type, body=answer.body))


async def prune(connection: AsyncConnection, before: datetime) -> int:
    """Forget keys from before; return how many."""
    return (await connection.execute(delete(IDEMPOTENCY_KEYS).where(_k.created_at < before))).rowcount
