"""Spaces with resources and prices, the cities projection, outbox and inbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cities",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("name", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_cities")),
        schema="catalog",
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_inbox")),
        schema="catalog",
    )
    op.create_index(op.f("ix_catalog_inbox_received_at"), "inbox", ["received_at"], unique=False, schema="catalog")
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        schema="catalog",
    )
    op.create_table(
        "spaces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("managed", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column(
            "changed_xid",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("description", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("opening_hours", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("exceptions", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("amenities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("photos", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("contacts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("owner_email", sa.Text(), nullable=True),
        sa.Column("booking", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("policy", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column(
            "applied",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("located", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("located_revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("bookable_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("NOT (removed AND published)", name=op.f("ck_spaces_removed_is_unpublished")),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name=op.f("ck_spaces_position")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spaces")),
        schema="catalog",
    )
    op.create_index(
        "ix_spaces_amenities",
        "spaces",
        ["amenities"],
        unique=False,
        schema="catalog",
        postgresql_using="gin",
        postgresql_where=sa.text("published"),
    )
    op.create_index("ix_spaces_changed_xid", "spaces", ["changed_xid", "id"], unique=False, schema="catalog")
    op.create_index(
        "ix_spaces_city",
        "spaces",
        ["city", "district"],
        unique=False,
        schema="catalog",
        postgresql_where=sa.text("published"),
    )
    op.create_index(
        "ix_spaces_newest",
        "spaces",
        [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="catalog",
        postgresql_where=sa.text("published"),
    )
    op.create_index(
        "uq_spaces_slug", "spaces", ["slug"], unique=True, schema="catalog", postgresql_where=sa.text("NOT removed")
    )
    op.create_index(
        "uq_spaces_uid", "spaces", ["uid"], unique=True, schema="catalog", postgresql_where=sa.text("NOT removed")
    )
    op.create_table(
        "resources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("min_duration_minutes", sa.Integer(), nullable=True),
        sa.Column("max_duration_minutes", sa.Integer(), nullable=True),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("min_notice_minutes", sa.Integer(), nullable=False),
        sa.Column("max_advance_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_resources_seats")),
        sa.ForeignKeyConstraint(
            ["space_id"], ["catalog.spaces.id"], name=op.f("fk_resources_space_id_spaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
        schema="catalog",
    )
    op.create_index("ix_resources_kind", "resources", ["kind", "space_id"], unique=False, schema="catalog")
    op.create_index("uq_resources_space_id_name", "resources", ["space_id", "name"], unique=True, schema="catalog")
    op.create_table(
        "prices",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("per", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_prices_amount")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["catalog.resources.id"], name=op.f("fk_prices_resource_id_resources"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("resource_id", "per", "currency", name=op.f("pk_prices")),
        schema="catalog",
    )
    op.create_index(
        "ix_prices_amount", "prices", ["per", "currency", "amount", "space_id"], unique=False, schema="catalog"
    )
    op.create_index(
        "ix_prices_space_id",
        "prices",
        ["space_id", "per", "currency", "kind", "amount"],
        unique=False,
        schema="catalog",
    )
    # Whoever changes a space, be it by hand, puts it on the change feed.
    op.execute("""
        CREATE FUNCTION catalog.spaces_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.changed_xid := pg_current_xact_id()::text::bigint;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER spaces_changed BEFORE UPDATE ON catalog.spaces
        FOR EACH ROW EXECUTE FUNCTION catalog.spaces_changed()
    """)


def downgrade() -> None:
    op.drop_index("ix_prices_space_id", table_name="prices", schema="catalog")
    op.drop_index("ix_prices_amount", table_name="prices", schema="catalog")
    op.drop_table("prices", schema="catalog")
    op.drop_index("uq_resources_space_id_name", table_name="resources", schema="catalog")
    op.drop_index("ix_resources_kind", table_name="resources", schema="catalog")
    op.drop_table("resources", schema="catalog")
    op.drop_index("uq_spaces_uid", table_name="spaces", schema="catalog", postgresql_where=sa.text("NOT removed"))
    op.drop_index("uq_spaces_slug", table_name="spaces", schema="catalog", postgresql_where=sa.text("NOT removed"))
    op.drop_index("ix_spaces_newest", table_name="spaces", schema="catalog", postgresql_where=sa.text("published"))
    op.drop_index("ix_spaces_city", table_name="spaces", schema="catalog", postgresql_where=sa.text("published"))
    op.drop_index("ix_spaces_changed_xid", table_name="spaces", schema="catalog")
    op.drop_index(
        "ix_spaces_amenities",
        table_name="spaces",
        schema="catalog",
        postgresql_using="gin",
        postgresql_where=sa.text("published"),
    )
    op.drop_table("spaces", schema="catalog")
    op.execute("DROP FUNCTION catalog.spaces_changed()")
    op.drop_table("outbox", schema="catalog")
    op.drop_index(op.f("ix_catalog_inbox_received_at"), table_name="inbox", schema="catalog")
    op.drop_table("inbox", schema="catalog")
    op.drop_table("cities", schema="catalog")
