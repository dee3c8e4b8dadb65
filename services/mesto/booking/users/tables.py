"""People, as auth tells of them."""

from __future__ import annotations

from mesto.booking.tables import METADATA
from sqlalchemy import BigInteger, Boolean, Column, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

USERS = Table(
    "users",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("email", Text, nullable=False),  # as mesto.common.identity.emails.key has it
    Column("email_verified", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
)
