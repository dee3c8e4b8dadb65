"""The one Alembic environment: each service's migrations/env.py calls ``run`` with its metadata."""

from __future__ import annotations

import zlib
from typing import Any

from alembic import context
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine


def _migrate(connection: Connection, service: str, metadata: MetaData) -> None:
    def mine(obj: Any, _name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return kind != "table" or obj.schema == service

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
    # Two pods that start together must not run the same migration twice.
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": zlib.crc32(f"mesto:{service}".encode())})
    connection.commit()
    with context.begin_transaction():
        context.run_migrations()


async def _online(url: str, service: str, metadata: MetaData) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, service, metadata)
        await connection.commit()
    await engine.dispose()


def run(metadata: MetaData) -> None:
    """Run the migrations of the service whose ``alembic_config`` is in force."""
    import asyncio

    attributes = context.config.attributes
    asyncio.run(_online(attributes["url"], attributes["service"], metadata))
