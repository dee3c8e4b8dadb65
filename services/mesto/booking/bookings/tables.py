"""Bookings and their history."""

from __future__ import annotations

from mesto.booking.state_machine.rules import SEATED, Status
from mesto.booking.tables import METADATA
from mesto.common.database.engine import one_of
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

_Moment = DateTime(timezone=True)

BOOKINGS = Table(
    "bookings",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("space_id", Uuid, ForeignKey("spaces.id"), nullable=False),
    Column("resource_id", Uuid, ForeignKey("resources.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("starts_at", _Moment, nullable=False),
    Column("ends_at", _Moment, nullable=False),
    Column("busy_until", _Moment, nullable=False),  # the buffer after it included
    Column("seats", Integer, nullable=False),
    Column("booked_title", JSONB(none_as_null=True)),  # of the space when it was booked, as its address
    Column("booked_address", Text),
    Column("total", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("price_per", Text, nullable=False),
    Column("approval", Text, nullable=False),  # the terms that the renter accepted
    Column("cancellation", JSONB, nullable=False),
    Column("refund", Numeric),
    Column("expires_at", _Moment),
    Column("released_at", _Moment),  # when its renter gave it up, or it ran out, unpaid
    Column("due_at", _Moment),  # when the sweeper must look at it: hold or approval runs out, or the end is reached
    Column("revision", BigInteger, nullable=False),
    Column("created_at", _Moment, nullable=False),
    CheckConstraint("total >= 0 AND total < 1e10 AND scale(total) <= 4", name="total"),
    CheckConstraint("starts_at < ends_at AND ends_at <= busy_until AND seats > 0", name="time_and_seats"),
    Index("ix_bookings_user", "user_id", "created_at", "id"),
    Index("ix_bookings_space", "space_id", "created_at", "id"),
    Index("ix_bookings_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
)
IS_HELD = one_of(BOOKINGS.c.status, Status.HELD)
IS_SEATED = one_of(BOOKINGS.c.status, *(status for status in Status if status in SEATED))
# Those that cost nothing and are not over: a renter has them without paying, as a hold.
IS_FREE = and_(
    BOOKINGS.c.total == literal_column("0"), one_of(BOOKINGS.c.status, Status.AWAITING_APPROVAL, Status.CONFIRMED)
)
Index("ix_bookings_free", BOOKINGS.c.user_id, BOOKINGS.c.ends_at, postgresql_where=IS_FREE)
Index("ix_bookings_held", BOOKINGS.c.resource_id, BOOKINGS.c.expires_at, postgresql_where=IS_HELD)
Index("ix_bookings_seated", BOOKINGS.c.resource_id, BOOKINGS.c.busy_until, postgresql_where=IS_SEATED)

BOOKING_HISTORY = Table(
    "booking_history",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("booking_id", Uuid, ForeignKey("bookings.id"), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("at", _Moment, nullable=False),
    Column("actor", Text, nullable=False),  # user:<id> or system
    Column("from_status", Text),
    Column("to_status", Text, nullable=False),
    Column("cause", Text, nullable=False),
    UniqueConstraint("booking_id", "revision"),
)
