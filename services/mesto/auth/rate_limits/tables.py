"""What was asked for how often."""

from __future__ import annotations

from mesto.auth.tables import METADATA
from sqlalchemy import Column, DateTime, Integer, LargeBinary, Table

# How often somebody (a hash of what and who) has done something since then.
OCCASIONS = Table(
    "occasions",
    METADATA,
    Column("subject", LargeBinary, primary_key=True),
    Column("since", DateTime(timezone=True), nullable=False, index=True),
    Column("count", Integer, nullable=False),
)
