"""All tables of booking. ``slots`` holds the guard of capacity: its CHECK is what no code can get round."""

from __future__ import annotations

from mesto.booking.domain.states import SEATED, Status
from mesto.common.consistency.jobs import jobs_table
from mesto.common.database.engine import metadata, one_of
from mesto.common.messaging.outbox import inbox_table, outbox_table
from mesto.common.platform_config.configuration import configuration_table
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

METADATA = metadata("booking")
Moment = DateTime(timezone=True)

spaces = Table(
    "spaces",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("slug", Text, nullable=False),
    Column("title", JSONB, nullable=False),
    Column("address", Text, nullable=False),
    Column("latitude", Double),  # unknown until the first event after it came to be kept
    Column("longitude", Double),
    Column("time_zone", Text, nullable=False),
    Column("opening_hours", JSONB, nullable=False),
    Column("exceptions", JSONB, nullable=False),
    Column("approval", Text, nullable=False),
    Column("hold_minutes", Integer, nullable=False),
    Column("cancellation", JSONB, nullable=False),
    Column("owner_email", Text, index=True),  # as mesto.common.identity.emails.key has it
    # What we answered to this revision: Applied, or why it was refused (then the rest is of an older one).
    Column("reason", Text, nullable=False, server_default="Applied"),
    Column("message", Text, nullable=False, server_default=""),
    # Changes that catalog is about to make, by their ids: revision, until when, the space as it is to be.
    Column("proposals", JSONB(none_as_null=True)),
    # Whether a renter can book it, as catalog was told last, the number of that verdict, and when it is to be reckoned
    # anew: at once where it never was, never while it is not offered.
    Column("bookable", JSONB(none_as_null=True)),
    Column("bookable_sequence", BigInteger, nullable=False, server_default=text("0")),
    Column("bookable_due", Moment, server_default=text("'2000-01-01 00:00:00+00'::timestamptz")),
    Index("ix_spaces_bookable_due", "bookable_due", postgresql_where=text("bookable_due IS NOT NULL")),
)

resources = Table(
    "resources",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("space_id", Uuid, ForeignKey("spaces.id"), nullable=False, index=True),
    Column("active", Boolean, nullable=False),  # False: the space no longer declares it
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", JSONB, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("prices", JSONB, nullable=False),
    Column("slot_minutes", Integer, nullable=False),
    Column("min_duration_minutes", Integer),
    Column("max_duration_minutes", Integer),
    Column("buffer_minutes", Integer, nullable=False),
    Column("min_notice_minutes", Integer, nullable=False),
    Column("max_advance_days", Integer, nullable=False),
    Column("unit_minutes", SmallInteger, nullable=False),  # what a row of slots stands for
)

slots = Table(
    "slots",
    METADATA,
    Column("resource_id", Uuid, ForeignKey("resources.id"), primary_key=True),
    Column("start", Moment, primary_key=True),
    Column("used", Integer, nullable=False),
    Column("seats", Integer, nullable=False),
    CheckConstraint("used >= 0 AND used <= seats", name="capacity"),
)

users = Table(
    "users",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("email", Text, nullable=False),  # as mesto.common.identity.emails.key has it
    Column("email_verified", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
)

bookings = Table(
    "bookings",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("space_id", Uuid, ForeignKey("spaces.id"), nullable=False),
    Column("resource_id", Uuid, ForeignKey("resources.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("busy_until", Moment, nullable=False),  # the buffer after it included
    Column("seats", Integer, nullable=False),
    Column("booked_title", JSONB(none_as_null=True)),  # of the space when it was booked, as its address
    Column("booked_address", Text),
    Column("total", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("price_per", Text, nullable=False),
    Column("approval", Text, nullable=False),  # the terms that the renter accepted
    Column("cancellation", JSONB, nullable=False),
    Column("refund", Numeric),
    Column("expires_at", Moment),
    Column("released_at", Moment),  # when its renter gave it up, or it ran out, unpaid
    Column("due_at", Moment),  # when the sweeper must look at it: hold or approval runs out, or the end is reached
    Column("revision", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("total >= 0 AND total < 1e10 AND scale(total) <= 4", name="total"),
    CheckConstraint("starts_at < ends_at AND ends_at <= busy_until AND seats > 0", name="time_and_seats"),
    Index("ix_bookings_user", "user_id", "created_at", "id"),
    Index("ix_bookings_space", "space_id", "created_at", "id"),
    Index("ix_bookings_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
)
is_held = one_of(bookings.c.status, Status.HELD)
is_seated = one_of(bookings.c.status, *(status for status in Status if status in SEATED))
# Those that cost nothing and are not over: a renter has them without paying, as a hold.
is_free = and_(
    bookings.c.total == literal_column("0"), one_of(bookings.c.status, Status.AWAITING_APPROVAL, Status.CONFIRMED)
)
Index("ix_bookings_free", bookings.c.user_id, bookings.c.ends_at, postgresql_where=is_free)
Index("ix_bookings_held", bookings.c.resource_id, bookings.c.expires_at, postgresql_where=is_held)
Index("ix_bookings_seated", bookings.c.resource_id, bookings.c.busy_until, postgresql_where=is_seated)

booking_history = Table(
    "booking_history",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("booking_id", Uuid, ForeignKey("bookings.id"), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),  # user:<id> or system
    Column("from_status", Text),
    Column("to_status", Text, nullable=False),
    Column("cause", Text, nullable=False),
    UniqueConstraint("booking_id", "revision"),
)

payments = Table(
    "payments",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("booking_id", Uuid, ForeignKey("bookings.id"), nullable=False, index=True),
    Column("provider", Text, nullable=False),
    Column("status", Text, nullable=False),  # open, succeeded, failed, refunded, partially_refunded
    Column("amount", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("refunded", Numeric, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("settled_at", Moment),
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

idempotency_keys = Table(
    "idempotency_keys",
    METADATA,
    Column("user_id", Uuid, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
    Column("status", Integer),
    Column("media_type", Text),
    Column("body", LargeBinary),
)

outbox = outbox_table(METADATA)
configuration = configuration_table(METADATA)
inbox = inbox_table(METADATA)
jobs = jobs_table(METADATA)
