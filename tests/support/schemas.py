"""The shape of a schema: tables, constraints, indexes."""

from __future__ import annotations

from typing import Any

import psycopg

_QUERIES = (
    "SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default, numeric_precision, is_identity"
    " FROM information_schema.columns WHERE table_schema = %s ORDER BY 1, 2",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = %s::regnamespace ORDER BY 1, 2",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %s ORDER BY 1, 2",
)


def shape(url: str, schema: str) -> list[list[Any]]:
    """What makes two schemas the same, Alembic's own table aside."""
    with psycopg.connect(url) as connection:
        shapes = [connection.execute(query, (schema,)).fetchall() for query in _QUERIES]  # type: ignore[call-overload]
    return [[row for row in rows if "alembic_version" not in row[0]] for rows in shapes]
