"""The security log, and the keys without which nobody can say of whom it speaks."""

from __future__ import annotations

from mesto.auth.tables import METADATA
from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, LargeBinary, Table, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB

# One key for each account; it goes with the account.
SECURITY_KEYS = Table(
    "security_keys",
    METADATA,
    Column("account_id", Uuid, ForeignKey("auth.accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("key", LargeBinary, nullable=False),
)

# Append-only: a trigger refuses to change an entry, and to delete one before `keep_until`.
SECURITY_LOG = Table(
    "security_log",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
    Column("kind", Text, nullable=False),
    Column("person", LargeBinary),
    Column("actor", LargeBinary),
    Column("address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("keep_until", DateTime(timezone=True), nullable=False),
    Index("ix_security_log_person_id", "person", "id"),
    Index("ix_security_log_actor_id", "actor", "id"),
)
