"""Idempotency keys and the answers that were given under them."""

from __future__ import annotations

from mesto.booking.tables import METADATA
from sqlalchemy import Column, DateTime, Integer, LargeBinary, Table, Text, Uuid

IDEMPOTENCY_KEYS = Table(
    "idempotency_keys",
    METADATA,
    Column("user_id", Uuid, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, index=True),
    Column("status", Integer),
    Column("media_type", Text),
    Column("body", LargeBinary),
)
