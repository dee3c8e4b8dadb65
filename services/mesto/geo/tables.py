"""Tables of geo. Areas are planar (geometry), distances are on the spheroid (geography, metres)."""

from __future__ import annotations

from geoalchemy2 import Geography, Geometry
from mesto.common.audit.jobs import jobs_table
from mesto.common.configuration import configuration_table
from mesto.common.db import metadata
from mesto.common.outbox import inbox_table, outbox_table
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
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

METADATA = metadata("geo")
OUTBOX = outbox_table(METADATA)
CONFIGURATION = configuration_table(METADATA)
INBOX = inbox_table(METADATA)
JOBS = jobs_table(METADATA)
_JSON = JSONB(none_as_null=True)

CITIES = Table(
    "cities",
    METADATA,
    Column("slug", Text, primary_key=True),
    # A city that is no longer declared keeps its row, so that its revisions go on when it comes back.
    Column("declared", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("name", _JSON, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("zoom", Double, nullable=False),
)

DATASETS = Table(
    "datasets",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("city", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    Column("features", Integer, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # Of a dataset that a GeoDataset declares: the resource's uid and generation, and which edition of its source it is.
    Column("owner", Uuid),
    Column("generation", BigInteger),
    Column("source", Text, nullable=False, server_default=""),
    Column("level", Text),
    Column("repaired", Integer, nullable=False, server_default="0"),
    # A hash of the rows as they were stored: it tells whether somebody has changed them since.
    Column("digest", Text, nullable=False, server_default=""),
    # When the source was last found to say this.
    Column("checked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("type IN ('districts', 'stops')", name="type"),
    Index("ix_datasets_city", "city", "type"),
)

DISTRICTS = Table(
    "districts",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("dataset", Text, ForeignKey("geo.datasets.name", ondelete="CASCADE"), nullable=False),
    Column("city", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("name", _JSON, nullable=False),
    Column("level", Text, nullable=False, server_default="district"),
    # Slug of the okrug that holds most of a district.
    Column("parent", Text),
    Column("area", Geometry("MULTIPOLYGON", 4326, spatial_index=False), nullable=False),
    Index("ix_districts_area", "area", postgresql_using="gist"),
    Index("uq_districts_city", "city", "slug", unique=True),
    Index("ix_districts_dataset", "dataset"),
)

STOPS = Table(
    "stops",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("dataset", Text, ForeignKey("geo.datasets.name", ondelete="CASCADE"), nullable=False),
    Column("city", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("line", Text),
    Column("color", Text),
    Column("position", Geography("POINT", 4326, spatial_index=False), nullable=False),
    Index("ix_stops_position", "position", postgresql_using="gist"),
    Index("ix_stops_city", "city"),
    Index("ix_stops_dataset", "dataset"),
)

POSITIONS = Table(
    "positions",
    METADATA,
    Column("space_id", Uuid, primary_key=True),
    # The newest revision seen; a removed space keeps its row, so that a late space.changed cannot bring it back.
    Column("space_revision", BigInteger, nullable=False),
    Column("removed", Boolean, nullable=False, server_default=text("false")),
    # Our own counter of what was found out.
    Column("revision", BigInteger, nullable=False, server_default=text("0")),
    Column("city", Text, nullable=False),
    # NULL until the next change of a space that was stored before we kept it.
    Column("time_zone", Text),
    Column("position", Geography("POINT", 4326, spatial_index=False)),
    # {city, district, transit} as space.located carries them, with {far, clock} where it doubts, and
    # Located | NoDistrict | UnknownCity.
    Column("located", _JSON),
    Column("reason", Text),
    CheckConstraint("removed OR position IS NOT NULL", name="position"),
    Index("ix_positions_position", "position", postgresql_using="gist"),
    Index("ix_positions_city", "city", postgresql_where=text("NOT removed")),
)
