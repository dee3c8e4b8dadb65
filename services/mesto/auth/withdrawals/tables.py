"""Access tokens that are worth nothing any more, for as long as they would else last."""

from __future__ import annotations

from mesto.auth.tables import METADATA
from sqlalchemy import BigInteger, Column, DateTime, Table, Uuid, func

# By session or account, without a foreign key: what is withdrawn stays so when both are gone.
WITHDRAWALS = Table(
    "withdrawals",
    METADATA,
    Column("subject", Uuid, primary_key=True),
    Column("before", DateTime(timezone=True)),  # NULL: all of them
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
    # The transaction that wrote it: rows are read again until every transaction that was running has ended.
    Column("xid", BigInteger, nullable=False, index=True),
)
