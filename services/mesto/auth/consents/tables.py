"""The table of consents."""

from __future__ import annotations

from mesto.auth.tables import METADATA
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)

# Who has agreed to which version of which text, when and on which page. It goes with the account.
CONSENTS = Table(
    "consents",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account_id", Uuid, ForeignKey("auth.accounts.id", ondelete="CASCADE"), nullable=False),
    Column("text", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("account_id", "text", "version"),
    ForeignKeyConstraint(["text", "version"], ["auth.text_versions.name", "auth.text_versions.version"]),
)
