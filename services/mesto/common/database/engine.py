"""Engines of one service: reads run on an AUTOCOMMIT engine, writes in one transaction committed at the edge."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import cast

import asyncpg
import orjson
from prometheus_client import Gauge, Histogram
from sqlalchemy import ClauseElement, ColumnElement, Engine, MetaData, event, literal_column, text
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.sql.compiler import SQLCompiler

IN_USE = Gauge("mesto_db_connections_in_use", "Connections taken from a pool", ["pool"])
MOST = Gauge("mesto_db_connections_max", "Connections that a pool may have", ["pool"])
CHECKOUT = Histogram(
    "mesto_db_checkout_seconds",
    "Seconds until a connection could be had from a pool",
    ["pool"],
    buckets=(0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
CHECKOUT_SECONDS = 4.0
"""Until a connection must be had, with its test or its opening."""
BLOCK_SECONDS = 12.0
"""Until the block of a connection must be done; the server ends a statement before that, unless it is silent."""
_QUEUE = 4  # so many times the size of the pool may wait for a connection when none comes back
_STUCK_SECONDS = 1.0
_IDLE_SECONDS = 1.0
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def metadata(schema: str) -> MetaData:
    """Return table metadata in the service's schema with stable constraint names."""
    return MetaData(schema=schema, naming_convention=NAMING)


def one_of(column: ColumnElement[object], *words: str) -> ColumnElement[bool]:
    """Return whether a column has one of these words of ours, written out in the statement and not sent as values.

    For what a partial index is made of, and all that is to use it: a plan made for any value can use no such index.
    """
    return column.in_([literal_column(f"'{word}'") for word in words])


class CompiledStatement:
    """A statement written down once, for asyncpg to send; its parameters are those of its named ``bindparam``s.

    Values go to the driver as they are: JSON as text, enums as their values.
    """

    def __init__(self, statement: ClauseElement) -> None:
        compiled = cast(SQLCompiler, statement.compile(dialect=dialect.dialect()))  # type: ignore[no-untyped-call]
        self.sql = str(compiled)
        self._names: list[str] = list(compiled.positiontup or ())
        self._constants: dict[str, object] = dict(compiled.params)

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        """Return the values in the statement's order. Raises KeyError for one that is missing."""
        return [values[name] if name in values else self._constants[name] for name in self._names]


@dataclass(frozen=True)
class RawTransaction:
    """A transaction whose hot statements asyncpg sends itself: SQLAlchemy takes longer for them than PostgreSQL.

    ``connection`` is the same connection for the statements that are not hot.
    """

    connection: AsyncConnection
    driver: asyncpg.Connection[asyncpg.Record]

    async def fetch(self, statement: CompiledStatement, values: Mapping[str, object]) -> list[asyncpg.Record]:
        """Return the rows. Raises what SQLAlchemy would raise: IntegrityError, OperationalError or DBAPIError."""
        try:
            rows: list[asyncpg.Record] = await self.driver.fetch(statement.sql, *statement.arguments(values))
        except _OF_DRIVER as error:
            raise _of_sqlalchemy(error, statement.sql) from error
        return rows


_OF_DRIVER = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


def _of_sqlalchemy(error: Exception, statement: str) -> DBAPIError:
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return IntegrityError(statement, None, error)
    away = isinstance(error, (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError))
    return (OperationalError if away else DBAPIError)(statement, None, error)


def _test_idle_connections(engine: Engine) -> None:
    """Let the pool test a connection before it lends it, as ``pool_pre_ping``, but only after a second of rest.

    A connection in constant use has been tested by its use, and the driver is told when the server ends one.
    """

    def returned(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["returned"] = time.monotonic()

    def lent(connection: DBAPIConnection, record: ConnectionPoolEntry, _fairy: object) -> None:
        now = time.monotonic()
        rested = now - record.info.get("returned", now)  # one that was never lent has just been opened
        if rested < _IDLE_SECONDS and not connection.driver_connection.is_closed():
            return
        try:
            engine.dialect.do_ping(connection)
        except (engine.dialect.loaded_dbapi.Error, OSError) as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", returned)
    event.listen(engine, "checkout", lent)


def _taken(engine: weakref.ref[AsyncEngine]) -> float:
    known = engine()
    pool = known.sync_engine.pool if known is not None else None
    return float(pool.checkedout()) if isinstance(pool, QueuePool) else 0.0


# lock not available, serialization failure, deadlock, shutting down: nothing is wrong with what was asked.
_TRANSIENT = {"55P03", "40001", "40P01", "57P01", "57P02", "57P03"}


def is_transient(error: BaseException) -> bool:
    """Return whether the database refused only for now, because of others or of itself."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _TRANSIENT


class DatabaseUnavailable(Exception):
    """The database did not answer in time, or too many wait for it: try again. A commit may have gone through."""


UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeout, DatabaseUnavailable, ConnectionError)
"""What is raised when the database cannot be reached, or is silent."""


def is_permanent(error: BaseException) -> bool:
    """Return whether the same statements would fail again: the database is there, and nobody stood in the way."""
    return not isinstance(error, (*UNAVAILABLE, OSError)) and not is_transient(error)


class Database:
    """The database of one service.

    Nobody waits without end: ``CHECKOUT_SECONDS`` for a connection, ``BLOCK_SECONDS`` for all that is done with it.
    The server ends a statement after 10 s and a wait for a lock after 5 s; a server that is silent is given up, with
    its connection. While many wait and no connection comes back for a second, more are refused at once. All of that
    raises DatabaseUnavailable.
    ``on_commit`` callbacks run after each committed transaction (the outbox relay is woken by one).
    """

    def __init__(self, url: str, service: str, pool_size: int = 16) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=CHECKOUT_SECONDS,
            json_deserializer=orjson.loads,
            connect_args={
                "timeout": CHECKOUT_SECONDS,
                "command_timeout": 15,
                "server_settings": {
                    "application_name": f"mesto-{service}",
                    "statement_timeout": "10000",
                    "lock_timeout": "5000",
                    # Of a client that vanished in the middle: its locks must not outlive it for hours.
                    "idle_in_transaction_session_timeout": "60000",
                    "timezone": "UTC",
                },
            },
        )
        _test_idle_connections(self.engine.sync_engine)
        self._read_engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._checkout = CHECKOUT.labels(service)
        self._waiting, self._most_waiting = 0, pool_size * _QUEUE
        self._moved = 0.0  # when a connection was last had, or when somebody began to wait after nobody did
        MOST.labels(service).set(pool_size)
        IN_USE.labels(service).set_function(partial(_taken, weakref.ref(self.engine)))
        self.on_commit: list[Callable[[], None]] = []

    @asynccontextmanager
    async def _connection(self, engine: AsyncEngine, seconds: float | None) -> AsyncIterator[AsyncConnection]:
        asked = time.perf_counter()
        if self._waiting == 0:
            self._moved = asked
        elif self._waiting >= self._most_waiting and asked - self._moved > _STUCK_SECONDS:
            raise DatabaseUnavailable("too many wait for a connection")
        connection, bound, started = engine.connect(), asyncio.timeout(CHECKOUT_SECONDS), False
        try:
            async with bound:
                self._waiting += 1
                try:
                    await connection.start()
                finally:
                    self._waiting -= 1
                started, self._moved = True, time.perf_counter()
                self._checkout.observe(self._moved - asked)
                bound.reschedule(None if seconds is None else asyncio.get_running_loop().time() + seconds)
                yield connection
        except OSError as error:  # a TimeoutError is one
            if not started:
                raise DatabaseUnavailable(f"no connection: {error!r}") from error
            if bound.expired():
                raise DatabaseUnavailable(f"no answer within {seconds} s") from error
            raise
        finally:
            if started:
                # Not by the connection's own context, which takes a task for it: no transaction is open any more.
                await connection.close()

    def read(self, seconds: float | None = BLOCK_SECONDS) -> AbstractAsyncContextManager[AsyncConnection]:
        """Lend a connection for reading, for so many seconds; each statement sees its own snapshot."""
        return self._connection(self._read_engine, seconds)

    @asynccontextmanager
    async def transaction(
        self, seconds: float | None = BLOCK_SECONDS, *, notify: bool = True
    ) -> AsyncIterator[AsyncConnection]:
        """Run a transaction: committed when the block ends, rolled back when it raises or takes more than ``seconds``.

        ``notify`` is whether ``on_commit`` is called.
        """
        async with self._connection(self.engine, seconds) as connection, connection.begin():
            yield connection
        if notify:
            self._notify_committed()

    @asynccontextmanager
    async def direct(
        self, seconds: float | None = BLOCK_SECONDS, *, notify: bool = True
    ) -> AsyncIterator[RawTransaction]:
        """Run a transaction as above, for hot paths: see ``RawTransaction``."""
        # SQLAlchemy begins no transaction of its own in AUTOCOMMIT, so its statements join the driver's.
        async with self.read(seconds) as connection:
            assert connection.sync_connection is not None
            driver: asyncpg.Connection[asyncpg.Record] = connection.sync_connection.connection.driver_connection
            try:
                async with driver.transaction():
                    yield RawTransaction(connection, driver)
            except _OF_DRIVER as error:
                raise _of_sqlalchemy(error, "BEGIN … COMMIT") from error
        if notify:
            self._notify_committed()

    def _notify_committed(self) -> None:
        for callback in self.on_commit:
            callback()

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
