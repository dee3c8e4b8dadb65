"""Engines of one service: reads run on an AUTOCOMMIT engine, writes in one transaction committed at the edge."""

from __future__ import annotations

import time
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from prometheus_client import Gauge, Histogram
from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

IN_USE = Gauge("mesto_db_connections_in_use", "Connections taken from a pool", ["pool"])
MOST = Gauge("mesto_db_connections_max", "Connections that a pool may have", ["pool"])
CHECKOUT = Histogram(
    "mesto_db_checkout_seconds",
    "Seconds until a connection could be had from a pool",
    ["pool"],
    buckets=(0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def metadata(schema: str) -> MetaData:
    """Table metadata in the service's schema with stable constraint names."""
    return MetaData(schema=schema, naming_convention=NAMING)


def _taken(engine: weakref.ref[AsyncEngine]) -> float:
    known = engine()
    pool: Any = known.sync_engine.pool if known is not None else None
    return 0.0 if pool is None else float(pool.checkedout())


class Database:
    """The database of one service.

    Connections time out after 5 s and statements after 10 s, so a stuck server becomes an error and not a pile-up.
    ``on_commit`` callbacks run after each committed transaction (the outbox relay is woken by one).
    """

    def __init__(self, url: str, service: str, pool_size: int = 16) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            connect_args={
                "timeout": 5,
                "command_timeout": 15,
                "server_settings": {
                    "application_name": f"mesto-{service}",
                    "statement_timeout": "10000",
                    "lock_timeout": "5000",
                    "timezone": "UTC",
                },
            },
        )
        self._read_engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._checkout = CHECKOUT.labels(service)
        MOST.labels(service).set(pool_size)
        IN_USE.labels(service).set_function(partial(_taken, weakref.ref(self.engine)))
        self.on_commit: list[Callable[[], None]] = []

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading; each statement sees its own snapshot."""
        asked = time.perf_counter()
        async with self._read_engine.connect() as connection:
            self._checkout.observe(time.perf_counter() - asked)
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        asked = time.perf_counter()
        async with self.engine.begin() as connection:
            self._checkout.observe(time.perf_counter() - asked)
            yield connection
        for callback in self.on_commit:
            callback()

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
