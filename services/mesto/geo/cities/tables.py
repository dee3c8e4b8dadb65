"""The table of cities."""

from __future__ import annotations

from mesto.geo.tables import METADATA
from sqlalchemy import BigInteger, Boolean, Column, Double, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

CITIES = Table(
    "cities",
    METADATA,
    Column("slug", Text, primary_key=True),
    # A city that is no longer declared keeps its row, so that its revisions go on when it comes back.
    Column("declared", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("name", JSONB(none_as_null=True), nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("zoom", Double, nullable=False),
)
