"""Tables of the schema auth."""

from __future__ import annotations

from mesto.common.configuration import configuration_table
from mesto.common.db import metadata
from mesto.common.outbox import inbox_table, outbox_table
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

METADATA = metadata("auth")
OUTBOX = outbox_table(METADATA)
CONFIGURATION = configuration_table(METADATA)
INBOX = inbox_table(METADATA)

accounts = Table(
    "accounts",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False),
    # What all spellings of the address have in common (mesto.common.emails). Empty for accounts of the release before,
    # and for the younger of two that turned out to have one address: they are found as they are written.
    Column("email_key", Text),
    Column("email_verified", Boolean, nullable=False, server_default=text("false")),
    Column("name", Text, nullable=False),
    Column("phone", Text),
    Column("locale", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("uq_accounts_email", func.lower(text("email")), unique=True),
    # One account per address, however it is written.
    Index("uq_accounts_email_key", "email_key", unique=True),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("auth.accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_agent", Text, nullable=False, server_default=""),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("used_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_because", Text),
)

# Only hashes of refresh tokens are kept; a used one stays, so that its reuse is noticed.
refresh_tokens = Table(
    "refresh_tokens",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("session_id", Uuid, ForeignKey("auth.sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("used_at", DateTime(timezone=True)),
)

# Links that verify addresses, by the hashes of their tokens. A used one stays a while, to be told apart.
verifications = Table(
    "verifications",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("account_id", Uuid, ForeignKey("auth.accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("email", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True)),
)

# How often somebody (a hash of what and who) has done something since then.
occasions = Table(
    "occasions",
    METADATA,
    Column("subject", LargeBinary, primary_key=True),
    Column("since", DateTime(timezone=True), nullable=False, index=True),
    Column("count", Integer, nullable=False),
)

login_failures = Table(
    "login_failures",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_login_failures_subject_at", "subject", "at"),
)
