"""The table of accounts."""

from __future__ import annotations

from mesto.auth.tables import METADATA
from sqlalchemy import Boolean, Column, DateTime, Index, Integer, Table, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False),
    # What all spellings of the address have in common (mesto.common.identity.emails). Empty for accounts of the
    # release before, and for the younger of two that turned out to have one address: they are found as written.
    Column("email_key", Text),
    Column("email_verified", Boolean, nullable=False, server_default=text("false")),
    Column("name", Text, nullable=False),
    Column("phone", Text),
    Column("locale", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("password_hash", Text, nullable=False),
    # Which addresses it has verified and when each was its own (records.VerifiedSpan), in order: spaces that name an
    # address belong to whoever verified it first. The release before does not write it.
    Column("verified_spans", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("uq_accounts_email", func.lower(text("email")), unique=True),
    # One account per address, however it is written.
    Index("uq_accounts_email_key", "email_key", unique=True),
)
