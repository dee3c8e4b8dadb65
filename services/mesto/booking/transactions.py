"""Transactions that are tried again when they collide with others."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import TypeVar

from mesto.common.database.engine import Database, RawTransaction
from mesto.common.errors import Problem
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")
C = TypeVar("C")
ATTEMPTS = 5
COLLISIONS = {"40001", "40P01"}  # serialization failure, deadlock
LOCK_TIMEOUT = "55P03"
CANCELLED = "57014"


def utc_now() -> datetime:
    """Return the present, in UTC."""
    return datetime.now(UTC)


def in_utc(moment: datetime) -> datetime:
    """Return the instant in UTC, as rules want it."""
    return moment.astimezone(UTC)


def sqlstate(error: DBAPIError) -> str:
    """Return PostgreSQL's code of an error; empty when there is none."""
    return str(getattr(error.orig, "sqlstate", None) or "")


async def transact(database: Database, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Run ``work`` in a transaction; again, up to five times, when it collided with another.

    Raises Problem 503 when it collides still, or waited too long for a lock.
    """
    return await _again(database.transaction, work)


async def transact_directly(database: Database, work: Callable[[RawTransaction], Awaitable[T]]) -> T:
    """Run the same for hot paths."""
    return await _again(database.direct, work)


async def _again(begin: Callable[[], AbstractAsyncContextManager[C]], work: Callable[[C], Awaitable[T]]) -> T:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with begin() as connection:
                return await work(connection)
        except DBAPIError as error:
            code = sqlstate(error)
            if code not in {*COLLISIONS, LOCK_TIMEOUT, CANCELLED}:
                raise
            if code not in COLLISIONS or attempt == ATTEMPTS:
                busy = "Too many want the same right now. Try again."
                raise Problem(503, "temporarily-unavailable", busy, headers={"Retry-After": "1"}) from error
        await asyncio.sleep(random.uniform(0.005, 0.03) * attempt)
    raise AssertionError("unreachable")
