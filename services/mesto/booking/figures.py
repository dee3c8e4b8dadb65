"""The figures of booking that /metrics shows: live bookings, and holds that should have run out."""

from __future__ import annotations

from mesto.booking.domain.states import Status
from mesto.booking.tables import bookings, is_seated
from prometheus_client import Gauge
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

LIVE = (Status.HELD, Status.AWAITING_APPROVAL, Status.CONFIRMED)
BOOKINGS = Gauge("mesto_bookings", "Bookings that keep seats, by status", ["status"])
OVERDUE = Gauge("mesto_holds_overdue_seconds", "Since when the oldest overdue hold should be gone, 0: none")


async def read(connection: AsyncConnection) -> None:
    """Count by the index of seated bookings, so that the past costs nothing."""
    late = func.extract("epoch", func.clock_timestamp() - func.min(bookings.c.expires_at))
    statement = select(bookings.c.status, func.count(), late).where(is_seated).group_by(bookings.c.status)
    found = {status: (count, seconds) for status, count, seconds in (await connection.execute(statement)).all()}
    for status in LIVE:
        BOOKINGS.labels(status.value).set(found.get(status, (0, None))[0])
    overdue = found.get(Status.HELD, (0, None))[1]
    OVERDUE.set(max(0.0, float(overdue or 0)))
