"""Payments. At most one of a booking is open, and at most one is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from mesto.booking.tables import payments
from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

_p = payments.c


async def get(connection: AsyncConnection, payment_id: UUID) -> Row[Any] | None:
    """A payment."""
    return (await connection.execute(select(payments).where(_p.id == payment_id))).first()


async def open_of(connection: AsyncConnection, booking_id: UUID) -> Row[Any] | None:
    """The open payment of a booking."""
    statement = select(payments).where(_p.booking_id == booking_id, _p.status == "open")
    return (await connection.execute(statement)).first()


async def kept_of(connection: AsyncConnection, booking_id: UUID) -> Row[Any] | None:
    """The payment of a booking that has not wholly gone back."""
    statement = select(payments).where(_p.booking_id == booking_id, _p.status.in_(("succeeded", "partially_refunded")))
    return (await connection.execute(statement)).first()


async def add(connection: AsyncConnection, values: dict[str, Any]) -> None:
    """Insert a payment."""
    await connection.execute(insert(payments).values(**values))


async def change(connection: AsyncConnection, payment_id: UUID, values: dict[str, Any]) -> None:
    """Change a payment of a locked booking."""
    await connection.execute(update(payments).where(_p.id == payment_id).values(**values))
