"""The migrated schema of every service is the one that its tables.py declares, CHECKs and partial indexes too."""

from __future__ import annotations

import importlib
from typing import Any

import psycopg
import pytest
from mesto.common.migrate import SERVICES
from sqlalchemy import create_engine
from support.servers import DatabaseUrls

_QUERIES = (
    "SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default, numeric_precision, is_identity"
    " FROM information_schema.columns WHERE table_schema = %s ORDER BY 1, 2",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = %s::regnamespace ORDER BY 1, 2",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %s ORDER BY 1, 2",
)


def shape(url: str, schema: str) -> list[list[Any]]:
    with psycopg.connect(url) as connection:
        shapes = [connection.execute(query, (schema,)).fetchall() for query in _QUERIES]  # type: ignore[call-overload]
    return [[row for row in rows if "alembic_version" not in row[0]] for rows in shapes]


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_make_what_tables_declare(fresh_database_urls: DatabaseUrls, service: str) -> None:
    fresh_database_urls.owner(service)  # says so when the service's migrations failed
    url = fresh_database_urls.admin
    migrated = shape(url, service)
    assert all(migrated), f"{service} has no tables, constraints or indexes"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {service} CASCADE")  # type: ignore[call-overload]
        connection.execute(f"CREATE SCHEMA {service}")  # type: ignore[call-overload]
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    importlib.import_module(f"mesto.{service}.tables").METADATA.create_all(engine)
    engine.dispose()
    assert shape(url, service) == migrated
