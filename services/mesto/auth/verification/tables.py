"""Links that verify addresses."""

from __future__ import annotations

from mesto.auth.tables import METADATA
from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, Table, Text, Uuid

# Links that verify addresses, by the hashes of their tokens. A used one stays a while, to be told apart.
VERIFICATIONS = Table(
    "verifications",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("account_id", Uuid, ForeignKey("auth.accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("email", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True)),
)
