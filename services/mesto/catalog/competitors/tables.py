"""Competitors' offers: targets, their runs, and the offers of each run."""

from __future__ import annotations

from mesto.catalog.tables import METADATA
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

_JSON = JSONB(none_as_null=True)

SCRAPE_TARGETS = Table(
    "scrape_targets",
    METADATA,
    Column("uid", Uuid, primary_key=True),
    Column("namespace", Text, nullable=False),
    Column("name", Text, nullable=False),
    # The run whose offers are shown: the one place that decides, so that a swap is one update.
    Column("shown_run", Text),
    # The resource was deleted: a run of it that is still under way can bring nothing back.
    Column("gone", Boolean, nullable=False, server_default=text("false")),
    Index("ix_scrape_targets_name", "name"),
)

SCRAPE_RUNS = Table(
    "scrape_runs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("target", Uuid, ForeignKey("catalog.scrape_targets.uid", ondelete="CASCADE"), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("outcome", Text, nullable=False, server_default=text("'running'")),
    Column("message", Text, nullable=False, server_default=text("''")),
    Column("items", Integer, nullable=False, server_default=text("0")),
    Column("pages", Integer, nullable=False, server_default=text("0")),
    Column("coverage", _JSON),
    CheckConstraint("(outcome = 'running') = (finished_at IS NULL)", name="finished"),
    Index("ix_scrape_runs_target", "target", text("started_at DESC"), text("id DESC")),
)

COMPETITOR_OFFERS = Table(
    "competitor_offers",
    METADATA,
    Column("target", Uuid, primary_key=True),
    Column("run", Text, ForeignKey("catalog.scrape_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text),
    Column("kind", Text),
    Column("city", Text),
    Column("address", Text),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("amount", Numeric),
    Column("currency", Text),
    Column("per", Text),
    Column("price_text", Text),
    Column("amenities", ARRAY(Text), nullable=False),
    Column("terms", _JSON, nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("num_nulls(amount, currency, per) IN (0, 3)", name="whole_price"),
    CheckConstraint("amount >= 0 AND amount < 1e10 AND scale(amount) <= 4", name="amount"),
    CheckConstraint(
        "num_nulls(latitude, longitude) IN (0, 2) AND latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180",
        name="position",
    ),
    Index("ix_competitor_offers_run", "run"),
    Index("ix_competitor_offers_city", "city", "target", "position"),
)
