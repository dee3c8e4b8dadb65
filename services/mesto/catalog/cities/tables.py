"""The table of cities."""

from __future__ import annotations

from mesto.catalog.tables import METADATA
from sqlalchemy import BigInteger, Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

CITIES = Table(
    "cities",
    METADATA,
    Column("slug", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("name", JSONB(none_as_null=True), nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("currency", Text, nullable=False),
)
