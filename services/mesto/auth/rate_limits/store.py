"""SQL of limits."""

from __future__ import annotations

from datetime import datetime

from mesto.auth.rate_limits.tables import OCCASIONS
from sqlalchemy import case, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection


async def increment(connection: AsyncConnection, subject: bytes, now: datetime, over: datetime) -> tuple[int, datetime]:
    """Count one more of a subject; return how many, and since when. What began before ``over`` begins anew."""
    statement = insert(OCCASIONS).values(subject=subject, since=now, count=1)
    past = OCCASIONS.c.since <= over
    anew = {
        "count": case((past, 1), else_=OCCASIONS.c["count"] + 1),
        "since": case((past, statement.excluded.since), else_=OCCASIONS.c.since),
    }
    statement = statement.on_conflict_do_update(index_elements=[OCCASIONS.c.subject], set_=anew)
    count, since = (await connection.execute(statement.returning(OCCASIONS.c["count"], OCCASIONS.c.since))).one()
    return count, since


async def delete_before(connection: AsyncConnection, before: datetime) -> None:
    """Forget counts that began before then."""
    await connection.execute(delete(OCCASIONS).where(OCCASIONS.c.since < before))
