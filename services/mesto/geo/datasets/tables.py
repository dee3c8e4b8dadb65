"""Datasets and the areas and stops that they consist of. Areas are planar (geometry), as shapely computes with them."""

from __future__ import annotations

from geoalchemy2 import Geography, Geometry
from mesto.geo.tables import METADATA
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

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
    Column("name", JSONB(none_as_null=True), nullable=False),
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
