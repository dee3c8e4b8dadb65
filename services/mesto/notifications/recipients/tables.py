"""The table of people who get mails."""

from __future__ import annotations

from mesto.notifications.tables import METADATA
from sqlalchemy import Boolean, Column, Integer, Table, Text, Uuid, text

# What auth says about people. A removed account stays as a row without personal data, so that an event which
# arrives late does not bring it back.
USERS = Table(
    "users",
    METADATA,
    Column("user_id", Uuid, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("email", Text),
    Column("name", Text, nullable=False, server_default=""),
    Column("locale", Text, nullable=False, server_default="en"),
    Column("removed", Boolean, nullable=False, server_default=text("false")),
    Column("email_verified", Boolean, nullable=False, server_default=text("false")),
)
