"""What was asked for, as long as it counts."""

from __future__ import annotations

from mesto.auth.tables import METADATA
from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, LargeBinary, Table

# One row for each time that something was done; the subject is a hash of what and who.
RATE_ENTRIES = Table(
    "rate_entries",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("subject", LargeBinary, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Index("ix_rate_entries_subject_expires_at", "subject", "expires_at"),
)

# The release before counts here; it goes with the next one.
OCCASIONS = Table(
    "occasions",
    METADATA,
    Column("subject", LargeBinary, primary_key=True),
    Column("since", DateTime(timezone=True), nullable=False, index=True),
    Column("count", Integer, nullable=False),
)
