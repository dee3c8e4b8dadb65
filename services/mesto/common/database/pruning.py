"""Deleting what is old, however much there is of it: a statement has ten seconds, so it goes by batches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mesto.common.database.engine import Database
from sqlalchemy import ColumnElement, Delete, Table, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

BATCH = 5000


def batch_of(table: Table, old: ColumnElement[bool]) -> Delete:
    """Return the statement that deletes a batch of those rows."""
    key = list(table.primary_key)
    return delete(table).where(tuple_(*key).in_(select(*key).where(old).limit(BATCH)))


async def delete_batches(database: Database, delete_batch: Callable[[AsyncConnection], Awaitable[int]]) -> int:
    """Delete batch after batch, each in a transaction of its own, until one is not full; return how many rows."""
    total = 0
    while True:
        async with database.transaction(notify=False) as connection:
            done = await delete_batch(connection)
        total += done
        if done < BATCH:
            return total
