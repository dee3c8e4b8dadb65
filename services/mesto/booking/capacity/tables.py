"""Seats used by unit of time. The guard of capacity is here: its CHECK is what no code can get round."""

from __future__ import annotations

from mesto.booking.tables import METADATA
from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Integer, Table, Uuid

SLOTS = Table(
    "slots",
    METADATA,
    Column("resource_id", Uuid, ForeignKey("resources.id"), primary_key=True),
    Column("start", DateTime(timezone=True), primary_key=True),
    Column("used", Integer, nullable=False),
    Column("seats", Integer, nullable=False),
    CheckConstraint("used >= 0 AND used <= seats", name="capacity"),
)
