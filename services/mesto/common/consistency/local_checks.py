"""Checks of a service against its own tables: a statement for each page, and again for the suspects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mesto.common.consistency.checks import Check, Discrepancy, Examined
from mesto.common.database.engine import Database
from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

OVERDUE = timedelta(minutes=2)
"""What should have happened so long ago is stuck."""


@dataclass(frozen=True)
class Page:
    """Suspects among so many things; ``last`` is where the next page goes on (None: there is none)."""

    checked: int
    suspects: Sequence[Discrepancy]
    last: Any = None


Find = Callable[[AsyncConnection, Any], Awaitable[Page]]
"""A page of everything after a key (None: from the beginning)."""
Only = Callable[[AsyncConnection, Sequence[Discrepancy]], Awaitable[Sequence[Discrepancy]]]
"""Which of these are suspect still; others may be among them."""
Repair = Callable[[Sequence[Discrepancy]], Awaitable[list[Discrepancy]]]


class LocalCheck(Check):
    """``find`` goes through everything, ``only`` looks again; with ``repair`` a rebuild puts it right."""

    def __init__(self, name: str, database: Database, find: Find, only: Only, repair: Repair | None = None) -> None:
        self.name, self.database, self.find, self.only, self._repair = name, database, find, only, repair
        self.can_repair = repair is not None

    async def examine(self) -> AsyncIterator[Examined]:
        """Go through the rows by pages until one is the last."""
        after = None
        while True:
            async with self.database.read() as connection:
                page = await self.find(connection, after)
            yield Examined(page.checked, page.suspects)
            if page.last is None:
                return
            after = page.last

    async def recheck(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        """Read the suspects once more by the same statement."""
        left: list[Discrepancy] = []
        for start in range(0, len(suspects), 100):
            batch = suspects[start : start + 100]
            known = {suspect.id for suspect in batch}
            async with self.database.read() as connection:
                left += [suspect for suspect in await self.only(connection, batch) if suspect.id in known]
        return left

    async def repair(self, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        """Repair them as the check knows how."""
        assert self._repair is not None
        return await self._repair(suspects)


def outbox_check(database: Database, table: Table) -> LocalCheck:
    """Return the check of events that should have been published long ago."""
    age = func.clock_timestamp() - table.c.created_at

    async def find(connection: AsyncConnection, _after: object) -> Page:
        waiting = (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        stuck = select(table.c.id, table.c.type).where(age > OVERDUE).order_by(table.c.id).limit(1000)
        rows = (await connection.execute(stuck)).all()
        return Page(waiting, [Discrepancy(str(row.id), "stuck", row.type) for row in rows])

    async def only(connection: AsyncConnection, suspects: Sequence[Discrepancy]) -> list[Discrepancy]:
        ids = [int(suspect.id) for suspect in suspects]
        left = set((await connection.execute(select(table.c.id).where(table.c.id.in_(ids), age > OVERDUE))).scalars())
        return [suspect for suspect in suspects if int(suspect.id) in left]

    return LocalCheck("outbox", database, find, only)
