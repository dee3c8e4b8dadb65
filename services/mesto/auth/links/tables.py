"""Links that were mailed."""

from __future__ import annotations

from mesto.auth.tables import METADATA
from sqlalchemy import Column, DateTime, ForeignKey, Index, LargeBinary, Table, Text, Uuid, func, text

# Links that were mailed, by the hashes of their tokens. A used one stays a while, to be told apart. The name is of the
# release that knew one purpose.
LINKS = Table(
    "verifications",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("account_id", Uuid, ForeignKey("auth.accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("email", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True)),
    Column("purpose", Text, nullable=False, server_default="verify"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("email_key", Text),  # what all spellings of the address have in common; none in links of older releases
    # Addresses that their former holders may take back.
    Index("ix_verifications_email_undo", "email_key", postgresql_where=text("purpose = 'email_undo'")),
)
