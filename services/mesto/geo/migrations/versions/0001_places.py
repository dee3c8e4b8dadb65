"""Cities, datasets of districts and stops, positions of spaces, outbox and inbox."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geography, Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "geo"
JSON = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())


def _point() -> Geography:
    # One for each column: the type remembers whether its column may be null.
    return Geography("POINT", 4326, spatial_index=False)


def upgrade() -> None:
    _messages()
    op.create_table(
        "cities",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("name", JSON, nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("zoom", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_cities"),
        schema=SCHEMA,
    )
    op.create_table(
        "datasets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("features", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("type IN ('districts', 'stops')", name=op.f("ck_datasets_type")),
        sa.PrimaryKeyConstraint("name", name="pk_datasets"),
        schema=SCHEMA,
    )
    op.create_index("ix_datasets_city", "datasets", ["city", "type"], schema=SCHEMA)
    _features()
    _positions()


def _messages() -> None:
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_inbox"),
        schema=SCHEMA,
    )
    op.create_index("ix_geo_inbox_received_at", "inbox", ["received_at"], schema=SCHEMA)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        schema=SCHEMA,
    )


def _features() -> None:
    op.create_table(
        "districts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", JSON, nullable=False),
        sa.Column("area", Geometry("MULTIPOLYGON", 4326, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"], ["geo.datasets.name"], name="fk_districts_dataset_datasets", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_districts"),
        schema=SCHEMA,
    )
    op.create_index("ix_districts_area", "districts", ["area"], schema=SCHEMA, postgresql_using="gist")
    op.create_index("uq_districts_city", "districts", ["city", "slug"], unique=True, schema=SCHEMA)
    op.create_index("ix_districts_dataset", "districts", ["dataset"], schema=SCHEMA)
    op.create_table(
        "stops",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("color", sa.Text(), nullable=True),
        sa.Column("position", _point(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"], ["geo.datasets.name"], name="fk_stops_dataset_datasets", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_stops"),
        schema=SCHEMA,
    )
    op.create_index("ix_stops_position", "stops", ["position"], schema=SCHEMA, postgresql_using="gist")
    op.create_index("ix_stops_city", "stops", ["city"], schema=SCHEMA)
    op.create_index("ix_stops_dataset", "stops", ["dataset"], schema=SCHEMA)


def _positions() -> None:
    op.create_table(
        "positions",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("space_revision", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("position", _point(), nullable=True),
        sa.Column("located", JSON, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("removed OR position IS NOT NULL", name=op.f("ck_positions_position")),
        sa.PrimaryKeyConstraint("space_id", name="pk_positions"),
        schema=SCHEMA,
    )
    op.create_index("ix_positions_position", "positions", ["position"], schema=SCHEMA, postgresql_using="gist")
    op.create_index("ix_positions_city", "positions", ["city"], schema=SCHEMA, postgresql_where=sa.text("NOT removed"))


def downgrade() -> None:
    for table in ("positions", "stops", "districts", "datasets", "cities", "outbox", "inbox"):
        op.drop_table(table, schema=SCHEMA)
