"""The one Alembic environment: each service's migrations/env.py calls ``run`` with its metadata."""

from __future__ import annotations

import time
import zlib

from alembic import context
from sqlalchemy import Connection, MetaData, Table, pool, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.sql.schema import SchemaItem

TURN_SECONDS = 1800
# A migration that waits for a lock makes everybody behind it wait too: better that it fails and is tried again.
TIMEOUTS = ("SET lock_timeout = '5s'", "SET statement_timeout = '10min'")


def _wait_for_turn(connection: Connection, service: str) -> None:
    """Two pods that start together must not run the same migration twice: one waits until the other's session ends.

    It asks again and again, for who waits inside a statement is one of those that CREATE INDEX CONCURRENTLY waits for.
    """
    asked = text("SELECT pg_try_advisory_lock(:key)"), {"key": zlib.crc32(f"mesto:{service}".encode())}
    until = time.monotonic() + TURN_SECONDS
    while not connection.execute(*asked).scalar():
        connection.commit()
        if time.monotonic() > until:
            raise TimeoutError(f"another process has been migrating {service} for {TURN_SECONDS // 60} minutes")
        time.sleep(0.1)
    connection.commit()


def _migrate(connection: Connection, service: str, metadata: MetaData) -> None:
    def mine(item: SchemaItem, _name: str | None, _kind: str, _reflected: bool, _other: SchemaItem | None) -> bool:
        return not isinstance(item, Table) or item.schema == service

    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table="alembic_version",
        version_table_schema=service,
        include_schemas=True,
        include_object=mine,
        include_name=lambda name, kind, _parents: kind != "schema" or name == service,
        compare_type=True,
        transaction_per_migration=True,
    )
    _wait_for_turn(connection, service)
    for setting in TIMEOUTS:
        connection.execute(text(setting))
    connection.commit()
    with context.begin_transaction():
        context.run_migrations()


async def _online(url: str, service: str, metadata: MetaData) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, service, metadata)
        await connection.commit()
    await engine.dispose()


def _offline(service: str) -> None:
    """Write the SQL of the migrations, for reading and for linting."""
    context.configure(
        dialect_name="postgresql",
        version_table="alembic_version",
        version_table_schema=service,
        transaction_per_migration=True,
    )
    for setting in TIMEOUTS:
        context.get_context().impl.static_output(f"{setting};")
    with context.begin_transaction():
        context.run_migrations()


def run(metadata: MetaData) -> None:
    """Run the migrations of the service whose ``alembic_config`` is in force, or print them (``sql=True``)."""
    import asyncio

    attributes = context.config.attributes
    if context.is_offline_mode():
        _offline(attributes["service"])
        return
    asyncio.run(_online(attributes["url"], attributes["service"], metadata))
