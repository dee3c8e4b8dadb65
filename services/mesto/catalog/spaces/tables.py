"""Tables of spaces.

``spaces``, ``resources`` and ``prices`` hold the spec column by column and nothing of it twice, so that what somebody
edits by SQL is what everybody reads, and the operator's resync sees it by the fingerprint. It is the declared spec,
filled up with the owner's values, which ``held`` names: without them it is the declared one again.
"""

from __future__ import annotations

from mesto.catalog.tables import METADATA
from mesto.common.database.engine import one_of
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    Uuid,
    and_,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

# A NULL column means "not declared"; a JSON null would be a second way to say it.
_JSON = JSONB(none_as_null=True)
# xid8 as a bigint: it is compared with pg_snapshot_xmin, and drivers know bigint.
_CURRENT_XID = text("(pg_current_xact_id()::text)::bigint")

SPACES = Table(
    "spaces",
    METADATA,
    Column("id", Uuid, primary_key=True),
    # Who declares it: the custom resource that did so last. Not managed: the row was retained after its deletion.
    Column("uid", Uuid, nullable=False),
    Column("namespace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("managed", Boolean, nullable=False),
    # Since when the operator finds no resource that manages it, though one should; NULL while there is one.
    Column("missing_since", DateTime(timezone=True)),
    # The resource, "namespace/name", that its own side lets have it once it is left.
    Column("release_to", Text),
    Column("removed", Boolean, nullable=False, server_default=text("false")),
    Column("revision", BigInteger, nullable=False),
    # The transaction that wrote the row last; a trigger keeps it. The change feed is ordered by it.
    Column("changed_xid", BigInteger, nullable=False, server_default=_CURRENT_XID),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # The spec.
    Column("slug", Text, nullable=False),
    Column("title", _JSON, nullable=False),
    Column("description", _JSON),
    Column("city", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("opening_hours", _JSON, nullable=False),
    Column("exceptions", _JSON, nullable=False),
    Column("amenities", ARRAY(Text), nullable=False),
    Column("photos", _JSON, nullable=False),
    Column("contacts", _JSON),
    Column("owner_email", Text),
    # Whose it is: the address in its common form, since when it counts, and the account (records.SpaceOwnership). NULL
    # beside an address: the release before has written it, and nobody has decided yet.
    Column("owner_key", Text),
    Column("owner_named_at", DateTime(timezone=True)),
    Column("owner_id", Uuid),
    Column("booking", _JSON),
    Column("published", Boolean, nullable=False),
    # What the owner has set of it, as owner_edits has it.
    Column("held", _JSON, nullable=False, server_default=text("'{}'::jsonb")),
    # Resolved by us, learned from others.
    Column("policy", _JSON, nullable=False),
    Column("applied", _JSON, nullable=False, server_default=text("'{}'::jsonb")),
    Column("located", _JSON),
    Column("located_revision", BigInteger, nullable=False, server_default=text("0")),
    Column("district", Text),
    Column("bookable_reason", Text, nullable=False),
    # "waiting" and "withheld" until it was Ready the first time, then "listed" for good (``rules``).
    Column("listing", Text, nullable=False, server_default=text("'listed'")),
    CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="position"),
    CheckConstraint("NOT (removed AND published)", name="removed_is_unpublished"),
    Index("uq_spaces_slug", "slug", unique=True, postgresql_where=text("NOT removed")),
    Index("uq_spaces_uid", "uid", unique=True, postgresql_where=text("NOT removed")),
    Index("ix_spaces_release_to", "release_to", postgresql_where=text("release_to IS NOT NULL")),
    Index("ix_spaces_owner_key", "owner_key", postgresql_where=text("owner_key IS NOT NULL")),
    Index("ix_spaces_owner_id", "owner_id", postgresql_where=text("owner_id IS NOT NULL")),
    Index("ix_spaces_undecided", "id", postgresql_where=text("owner_key IS NULL AND owner_email IS NOT NULL")),
    Index("ix_spaces_changed_xid", "changed_xid", "id"),
    Index("ix_spaces_newest", text("created_at DESC"), text("id DESC"), postgresql_where=text("published")),
    Index("ix_spaces_city", "city", "district", postgresql_where=text("published")),
    Index("ix_spaces_amenities", "amenities", postgresql_using="gin", postgresql_where=text("published")),
)

OLD_SLUGS = Table(
    "old_slugs",
    METADATA,
    # An address that leads to the space until another one takes the slug.
    Column("slug", Text, primary_key=True),
    Column("space_id", Uuid, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_old_slugs_space_id", "space_id"),
)

RESOURCES = Table(
    "resources",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("space_id", Uuid, ForeignKey("catalog.spaces.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", _JSON),
    Column("seats", Integer, nullable=False),
    Column("capacity", Integer),  # people
    Column("slot_minutes", Integer, nullable=False),
    Column("min_duration_minutes", Integer),
    Column("max_duration_minutes", Integer),
    Column("buffer_minutes", Integer, nullable=False),
    Column("min_notice_minutes", Integer, nullable=False),
    Column("max_advance_days", Integer, nullable=False),
    CheckConstraint("seats >= 1", name="seats"),
    CheckConstraint("capacity >= 1", name="capacity"),
    Index("uq_resources_space_id_name", "space_id", "name", unique=True),
    Index("ix_resources_kind", "kind", "space_id"),
)

PRICES = Table(
    "prices",
    METADATA,
    Column("resource_id", Uuid, ForeignKey("catalog.resources.id", ondelete="CASCADE"), primary_key=True),
    Column("per", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("space_id", Uuid, nullable=False),
    # The resource's kind once more: "a meeting room under 500" is then one index scan.
    Column("kind", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("amount", Numeric, nullable=False),  # with its currency's decimals
    CheckConstraint("amount >= 0 AND amount < 1e10 AND scale(amount) <= 4", name="amount"),
    Index("ix_prices_space_id", "space_id", "per", "currency", "kind", "amount"),
    Index("ix_prices_amount", "per", "currency", "amount", "space_id"),
)

# Published by its owner, and Ready once. Written out, for plans that use the indexes of published spaces.
LISTED: ColumnElement[bool] = and_(SPACES.c.published, one_of(SPACES.c.listing, "listed"))
