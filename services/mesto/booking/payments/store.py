"""SQL of payments."""

from __future__ import annotations

from uuid import UUID

from mesto.booking.payments.records import Payment
from mesto.booking.payments.tables import PAYMENTS
from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

_p = PAYMENTS.c


async def _first(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> Payment | None:
    row = (await connection.execute(select(PAYMENTS).where(*conditions))).mappings().first()
    return None if row is None else Payment(**row)


async def find(connection: AsyncConnection, payment_id: UUID) -> Payment | None:
    """Return a payment."""
    return await _first(connection, _p.id == payment_id)


async def find_open(connection: AsyncConnection, booking_id: UUID) -> Payment | None:
    """Return the open payment of a booking."""
    return await _first(connection, _p.booking_id == booking_id, _p.status == "open")


async def find_kept(connection: AsyncConnection, booking_id: UUID) -> Payment | None:
    """Return the payment of a booking that has not wholly gone back."""
    kept = _p.status.in_(("succeeded", "partially_refunded"))
    return await _first(connection, _p.booking_id == booking_id, kept)


async def insert_payment(connection: AsyncConnection, payment: Payment) -> None:
    """Insert a payment."""
    await connection.execute(insert(PAYMENTS).values(vars(payment)))


async def update_status(connection: AsyncConnection, payment: Payment) -> None:
    """Store the status that a payment of a locked booking has reached, and what changes with it."""
    values = {"status": payment.status, "refunded": payment.refunded, "settled_at": payment.settled_at}
    await connection.execute(update(PAYMENTS).where(_p.id == payment.id).values(values))
