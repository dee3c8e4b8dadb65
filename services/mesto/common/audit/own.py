"""Checks of a service against its own tables: a statement for each page, and again for the suspects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mesto.common.audit.checks import Check, Looked, Suspect
from mesto.common.db import Database
from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

OVERDUE = timedelta(minutes=2)
"""What should have happened so long ago is stuck."""


@dataclass(frozen=True)
class Page:
    """Suspects among so many things; ``last`` is where the next page goes on (None: there is none)."""

    checked: int
    suspects: Sequence[Suspect]
    last: Any = None


Find = Callable[[AsyncConnection, Any], Awaitable[Page]]
"""A page of everything after a key (None: from the beginning)."""
Only = Callable[[AsyncConnection, Sequence[Suspect]], Awaitable[Sequence[Suspect]]]
"""Which of these are suspect still; others may be among them."""
Repair = Callable[[Sequence[Suspect]], Awaitable[list[Suspect]]]


class OwnCheck(Check):
    """``find`` goes through everything, ``only`` looks again; with ``repair`` a rebuild puts it right."""

    def __init__(self, name: str, database: Database, find: Find, only: Only, repair: Repair | None = None) -> None:
        self.name, self.database, self.find, self.only, self.repair = name, database, find, only, repair
        self.mends = repair is not None

    async def look(self) -> AsyncIterator[Looked]:
        """By pages until one is the last."""
        after = None
        while True:
            async with self.database.read() as connection:
                page = await self.find(connection, after)
            yield Looked(page.checked, page.suspects)
            if page.last is None:
                return
            after = page.last

    async def look_again(self, suspects: Sequence[Suspect]) -> list[Suspect]:
        """By the same statement."""
        left: list[Suspect] = []
        for start in range(0, len(suspects), 100):
            batch = suspects[start : start + 100]
            known = {one.id for one in batch}
            async with self.database.read() as connection:
                left += [one for one in await self.only(connection, batch) if one.id in known]
        return left

    async def mend(self, suspects: Sequence[Suspect]) -> list[Suspect]:
        """As the check knows how."""
        assert self.repair is not None
        return await self.repair(suspects)


def outbox_check(database: Database, table: Table) -> OwnCheck:
    """Events that should have been published long ago."""
    age = func.clock_timestamp() - table.c.created_at

    async def find(connection: AsyncConnection, _after: Any) -> Page:
        waiting = (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        stuck = select(table.c.id, table.c.type).where(age > OVERDUE).order_by(table.c.id).limit(1000)
        rows = (await connection.execute(stuck)).all()
        return Page(waiting, [Suspect(str(row.id), "stuck", row.type) for row in rows])

    async def only(connection: AsyncConnection, suspects: Sequence[Suspect]) -> list[Suspect]:
        ids = [int(one.id) for one in suspects]
        left = set((await connection.execute(select(table.c.id).where(table.c.id.in_(ids), age > OVERDUE))).scalars())
        return [one for one in suspects if int(one.id) in left]

    return OwnCheck("outbox", database, find, only)
