"""Payments. At most one of a booking is open, and at most one is kept."""

from __future__ import annotations

from mesto.booking.tables import METADATA
from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Numeric, Table, Text, Uuid, text

PAYMENTS = Table(
    "payments",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("booking_id", Uuid, ForeignKey("bookings.id"), nullable=False, index=True),
    Column("provider", Text, nullable=False),
    Column("status", Text, nullable=False),  # open, succeeded, failed, refunded, partially_refunded
    Column("amount", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("refunded", Numeric, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    CheckConstraint("amount >= 0 AND amount < 1e10 AND scale(amount) <= 4", name="amount"),
    CheckConstraint("refunded >= 0 AND refunded <= amount", name="refunded"),
    Index("uq_payments_open", "booking_id", unique=True, postgresql_where=text("status = 'open'")),
    Index(
        "uq_payments_kept",
        "booking_id",
        unique=True,
        postgresql_where=text("status IN ('succeeded', 'partially_refunded')"),
    ),
)
