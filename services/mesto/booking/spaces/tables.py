"""Spaces with their resources, as catalog tells of them."""

from __future__ import annotations

from mesto.booking.tables import METADATA
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SPACES = Table(
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
    # The account that it belongs to. Not decided: catalog, or a release before, has not said whose it is, so the
    # address decides.
    Column("owner_id", Uuid),
    Column("owner_decided", Boolean, nullable=False, server_default=text("false")),
    # What we answered to this revision: Applied, or why it was refused (then the rest is of an older one).
    Column("reason", Text, nullable=False, server_default="Applied"),
    Column("message", Text, nullable=False, server_default=""),
    # Changes that catalog is about to make, by their ids: revision, until when, the space as it is to be.
    Column("proposals", JSONB(none_as_null=True)),
    # Whether a renter can book it, as catalog was told last, the number of that verdict, and when it is to be reckoned
    # anew: at once where it never was, never while it is not offered.
    Column("bookable", JSONB(none_as_null=True)),
    Column("bookable_sequence", BigInteger, nullable=False, server_default=text("0")),
    Column("bookable_due", DateTime(timezone=True), server_default=text("'2000-01-01 00:00:00+00'::timestamptz")),
    Index("ix_spaces_owner_id", "owner_id", postgresql_where=text("owner_id IS NOT NULL")),
    Index("ix_spaces_bookable_due", "bookable_due", postgresql_where=text("bookable_due IS NOT NULL")),
)

RESOURCES = Table(
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
