"""Sessions, their refresh tokens, and sign-ins that failed."""

from __future__ import annotations

from mesto.auth.tables import METADATA
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
    text,
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("auth.accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_agent", Text, nullable=False, server_default=""),
    Column("network", Text, nullable=False, server_default=""),  # it was last used from
    Column("remembered", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("used_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    # When its holder last proved who they are.
    Column("authenticated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_because", Text),
)

# Only hashes of refresh tokens are kept; a used one stays, so that its reuse is noticed.
REFRESH_TOKENS = Table(
    "refresh_tokens",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("session_id", Uuid, ForeignKey("auth.sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("used_at", DateTime(timezone=True)),
    # Of a used one: what its one successor is derived with, from the token itself.
    Column("successor_salt", LargeBinary),
)

# The release before counts here; it goes with the next one.
LOGIN_FAILURES = Table(
    "login_failures",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_login_failures_subject_at", "subject", "at"),
)
