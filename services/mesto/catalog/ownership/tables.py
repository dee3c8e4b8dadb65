"""Accounts as far as spaces belong to them, and who was invited."""

from __future__ import annotations

from mesto.catalog.tables import METADATA
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Table, Text, Uuid, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

# What auth says of accounts. A removed one stays as a row without personal data, so that an event which arrives late
# does not bring it back.
ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("user_id", Uuid, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("address", Text),  # as mesto.common.identity.emails.key has it, like all addresses here
    Column("email_verified", Boolean, nullable=False),
    Column("spans", JSONB, nullable=False),
    Column("addresses", ARRAY(Text), nullable=False),  # of the spans
    Index("ix_accounts_address", "address"),
    Index("ix_accounts_addresses", "addresses", postgresql_using="gin"),
)

# By a hash: it says no more than that an address, if one knows it, was written to.
INVITATIONS = Table(
    "invitations",
    METADATA,
    Column("address_hash", Text, primary_key=True),
    Column("invited_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
