"""Transactions in which asyncpg sends the hot statements itself: one transaction, SQLAlchemy's errors."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import psycopg
import pytest
from mesto.booking.tables import INBOX
from mesto.common.database import engine
from mesto.common.database.engine import CompiledStatement, Database
from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from support.waiting import eventually_async

INSERT = CompiledStatement(insert(INBOX).values(event_id=bindparam("identity", type_=INBOX.c.event_id.type)))
END_ALL = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'mesto-direct'"


@pytest.fixture
async def database(database_urls: Any) -> Any:
    made = Database(database_urls["booking"], "direct", pool_size=1)
    yield made
    await made.close()


async def known(database: Database, *identities: UUID) -> int:
    async with database.read() as connection:
        return len((await connection.execute(select(INBOX).where(INBOX.c.event_id.in_(identities)))).all())


async def test_statements_of_both_kinds_are_one_transaction(database: Database) -> None:
    first, second, told = uuid4(), uuid4(), []
    database.on_commit.append(lambda: told.append(True))

    async def write(*, fail: bool) -> None:
        async with database.direct() as direct:
            await direct.fetch(INSERT, {"identity": first})
            await direct.connection.execute(insert(INBOX).values(event_id=second))
            assert not fail, "as asked"

    with pytest.raises(AssertionError):
        await write(fail=True)
    assert (await known(database, first, second), told) == (0, [])
    await write(fail=False)
    assert (await known(database, first, second), told) == (2, [True])


async def insert_twice(database: Database, identity: UUID) -> None:
    async with database.direct() as direct:
        await direct.fetch(INSERT, {"identity": identity})
        await direct.fetch(INSERT, {"identity": identity})


async def divide_by_zero(database: Database) -> None:
    async with database.direct() as direct:
        await direct.fetch(CompiledStatement(text("SELECT 1 / :zero")), {"zero": 0})


async def lose_the_line(database: Database, admin_url: str, identity: UUID) -> None:
    async with database.direct() as direct:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            assert admin.execute(END_ALL).fetchone() == (1,)
        await direct.fetch(INSERT, {"identity": identity})


async def test_errors_are_those_of_sqlalchemy(database: Database) -> None:
    identity = uuid4()
    with pytest.raises(IntegrityError, match="pk_inbox"):
        await insert_twice(database, identity)
    with pytest.raises(DBAPIError) as caught:
        await divide_by_zero(database)
    assert getattr(caught.value.orig, "sqlstate", "") == "22012"
    assert await known(database, identity) == 0


@pytest.mark.parametrize("rested", [False, True])
async def test_a_connection_that_died_at_rest_is_replaced_before_it_is_used(
    database: Database, database_urls: Any, monkeypatch: pytest.MonkeyPatch, rested: bool
) -> None:
    async with database.direct() as direct:
        driver = direct.driver
    with psycopg.connect(database_urls.admin, autocommit=True) as admin:
        assert admin.execute(END_ALL).fetchone() == (1,)
    if rested:
        # Nothing has told the driver yet: the server is found out by the test that a rest asks for.
        monkeypatch.setattr(asyncpg.Connection, "is_closed", lambda _self: False)
        monkeypatch.setattr(engine, "_IDLE_SECONDS", 0.0)
    else:
        await eventually_async(driver.is_closed, "the driver to read what the server said last")
    assert await known(database, uuid4()) == 0


async def test_only_rested_connections_are_tested(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    pings = []
    dialect = database.engine.sync_engine.dialect
    do_ping = dialect.do_ping
    monkeypatch.setattr(dialect, "do_ping", lambda connection: pings.append(connection) or do_ping(connection))
    await database.ping()
    await database.ping()
    assert pings == []
    monkeypatch.setattr(engine, "_IDLE_SECONDS", 0.0)
    await database.ping()
    assert len(pings) == 1


async def test_a_connection_that_the_server_closed_is_replaced(database: Database, database_urls: Any) -> None:
    identity = uuid4()
    with pytest.raises(DBAPIError):
        await lose_the_line(database, database_urls.admin, identity)
    async with database.direct() as direct:
        await direct.fetch(INSERT, {"identity": identity})
    assert await known(database, identity) == 1
