"""The table of mails."""

from __future__ import annotations

from mesto.common.database.engine import one_of
from mesto.notifications.tables import METADATA
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    FromClause,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

# One row per mail. `due_at` of a row being sent is when another worker may take it over.
DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("locale", Text),
    Column("payload", JSONB, nullable=False),
    Column("status", Text, nullable=False, server_default="pending"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("sent_at", DateTime(timezone=True)),
    Column("last_error", Text),
    Column("request_id", Text),  # of the request that caused it
    # Nobody has paid for what it tells of: it goes to who has verified the address, and to nobody else.
    Column("verified_only", Boolean, nullable=False, server_default=text("false")),
    Column("recipient", Text),  # a hash of the address that it went to, by which mails are counted
    CheckConstraint("status IN ('pending', 'sending', 'sent', 'failed', 'suppressed')", name="status"),
    UniqueConstraint("event_id", "kind", name="uq_deliveries_event_id_kind"),
    Index("ix_deliveries_user_id", "user_id"),
)


def is_unsent(rows: FromClause) -> ColumnElement[bool]:
    """Return the condition that a row of deliveries, or of an alias of it, is not sent yet."""
    return one_of(rows.c.status, "pending", "sending")


Index("ix_deliveries_recipient", DELIVERIES.c.recipient, DELIVERIES.c.sent_at)
Index("ix_deliveries_due", DELIVERIES.c.due_at, postgresql_where=is_unsent(DELIVERIES))
