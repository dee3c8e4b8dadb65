"""Devices that an account was signed in on."""

from __future__ import annotations

from mesto.auth.tables import METADATA
from sqlalchemy import Column, DateTime, ForeignKey, LargeBinary, Table, Uuid, func

# By the hash of the token in the device's cookie; several people may use one device.
KNOWN_DEVICES = Table(
    "known_devices",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("account_id", Uuid, ForeignKey("auth.accounts.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("used_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
)
