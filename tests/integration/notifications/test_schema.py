"""The migrated schema is the one that tables.py declares."""

from __future__ import annotations

from typing import Any

import psycopg
from mesto.notifications.tables import METADATA
from sqlalchemy import create_engine

_QUERIES = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default, numeric_precision, is_identity"
    " FROM information_schema.columns WHERE table_schema = 'notifications' ORDER BY 1, 2",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'notifications'::regnamespace ORDER BY 1, 2",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'notifications' ORDER BY 1, 2",
)


def _shape(url: str) -> list[list[Any]]:
    with psycopg.connect(url) as connection:
        shapes = [connection.execute(query).fetchall() for query in _QUERIES]  # type: ignore[call-overload]
    return [[row for row in rows if "alembic_version" not in row[0]] for rows in shapes]


def test_migrations_make_what_tables_declare(fresh_database_urls: Any) -> None:
    migrated = _shape(fresh_database_urls.admin)
    assert any("ck_deliveries_status" in row for row in migrated[1])
    with psycopg.connect(fresh_database_urls.admin, autocommit=True) as connection:
        connection.execute("DROP SCHEMA notifications CASCADE")
        connection.execute("CREATE SCHEMA notifications")
    engine = create_engine(fresh_database_urls.admin.replace("postgresql://", "postgresql+psycopg://"))
    METADATA.create_all(engine)
    engine.dispose()
    assert _shape(fresh_database_urls.admin) == migrated
