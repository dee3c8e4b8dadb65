"""The migrated schema is the one that the tables declare."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from mesto.geo.tables import METADATA
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from support.servers import DatabaseUrls


async def test_the_migrated_schema_is_the_declared_one(database_urls: DatabaseUrls) -> None:
    def difference(connection: Connection) -> list[Any]:
        options: dict[str, Any] = {
            "include_schemas": True,
            "include_name": lambda name, kind, _parents: kind != "schema" or name == "geo",
        }
        options["include_object"] = lambda item, name, kind, *_: (
            kind != "table" or (item.schema == "geo" and name != "alembic_version")
        )
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), METADATA))

    # As the superuser: the owner's search path is the schema, and Alembic would take its tables for those of none.
    database_urls.owner("geo")
    engine = create_async_engine(database_urls.admin.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as connection:
        found = await connection.run_sync(difference)
    await engine.dispose()
    assert found == []
