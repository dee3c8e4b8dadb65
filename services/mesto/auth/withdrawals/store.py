"""SQL of withdrawn tokens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from mesto.auth.withdrawals.tables import WITHDRAWALS
from mesto.common.database.pruning import batch_of
from mesto.contracts.sessions import Withdrawal
from sqlalchemy import case, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

_XID = text("(pg_current_xact_id()::text)::bigint")
_OLDEST_RUNNING = text("(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")


async def upsert(connection: AsyncConnection, subjects: Iterable[UUID], before: datetime | None) -> None:
    """Withdraw the tokens of these subjects; what was withdrawn already stays so."""
    # In one order, so that two transactions about the same subjects wait for each other and not both for ever.
    rows = [{"subject": subject, "before": before} for subject in sorted(subjects)]
    if not rows:
        return
    statement = insert(WITHDRAWALS).values([row | {"xid": _XID} for row in rows])
    known, asked = WITHDRAWALS.c.before, statement.excluded.before
    wider = case((known.is_(None) | asked.is_(None), None), else_=func.greatest(known, asked))
    changes = {"before": wider, "at": func.now(), "xid": statement.excluded.xid}
    await connection.execute(statement.on_conflict_do_update(index_elements=[WITHDRAWALS.c.subject], set_=changes))


async def list_since(connection: AsyncConnection, xid: int, after: datetime) -> tuple[list[Withdrawal], int]:
    """Return what was withdrawn by a transaction from ``xid`` on, later than ``after``, and whence to read next.

    A transaction that began early may commit late: what lies between may be returned again.
    """
    oldest = (await connection.execute(select(_OLDEST_RUNNING))).scalar_one()
    columns = WITHDRAWALS.c
    statement = select(columns.subject, columns.before).where(columns.xid >= xid, columns.at >= after)
    rows = await connection.execute(statement.order_by(columns.xid))
    return [Withdrawal(subject=row.subject, before=row.before) for row in rows], oldest


async def delete_before(connection: AsyncConnection, before: datetime) -> int:
    """Forget a batch of what was withdrawn before then; return how much."""
    return (await connection.execute(batch_of(WITHDRAWALS, WITHDRAWALS.c.at < before))).rowcount
