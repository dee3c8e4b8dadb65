"""Bookings, slots, payments"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_idempotency_keys")),
        schema="booking",
    )
    op.create_index(
        op.f("ix_booking_idempotency_keys_created_at"),
        "idempotency_keys",
        ["created_at"],
        unique=False,
        schema="booking",
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_inbox")),
        schema="booking",
    )
    op.create_index(op.f("ix_booking_inbox_received_at"), "inbox", ["received_at"], unique=False, schema="booking")
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        schema="booking",
    )
    op.create_table(
        "spaces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("opening_hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("exceptions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("hold_minutes", sa.Integer(), nullable=False),
        sa.Column("cancellation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("owner_email", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spaces")),
        schema="booking",
    )
    op.create_index(op.f("ix_booking_spaces_owner_email"), "spaces", ["owner_email"], unique=False, schema="booking")
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        schema="booking",
    )
    op.create_table(
        "resources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("prices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("min_duration_minutes", sa.Integer(), nullable=True),
        sa.Column("max_duration_minutes", sa.Integer(), nullable=True),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("min_notice_minutes", sa.Integer(), nullable=False),
        sa.Column("max_advance_days", sa.Integer(), nullable=False),
        sa.Column("unit_minutes", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["booking.spaces.id"], name=op.f("fk_resources_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
        schema="booking",
    )
    op.create_index(op.f("ix_booking_resources_space_id"), "resources", ["space_id"], unique=False, schema="booking")
    op.create_table(
        "bookings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("total", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_per", sa.Text(), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("cancellation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("refund", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "starts_at < ends_at AND ends_at <= busy_until AND seats > 0", name=op.f("ck_bookings_time_and_seats")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["booking.resources.id"], name=op.f("fk_bookings_resource_id_resources")
        ),
        sa.ForeignKeyConstraint(["space_id"], ["booking.spaces.id"], name=op.f("fk_bookings_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
        schema="booking",
    )
    op.create_index(
        "ix_bookings_due",
        "bookings",
        ["due_at"],
        unique=False,
        schema="booking",
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_bookings_seated",
        "bookings",
        ["resource_id", "busy_until"],
        unique=False,
        schema="booking",
        postgresql_where=sa.text("status IN ('held', 'awaiting_approval', 'confirmed')"),
    )
    op.create_index("ix_bookings_space", "bookings", ["space_id", "created_at", "id"], unique=False, schema="booking")
    op.create_index("ix_bookings_user", "bookings", ["user_id", "created_at", "id"], unique=False, schema="booking")
    op.create_table(
        "slots",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 0 AND used <= seats", name=op.f("ck_slots_capacity")),
        sa.ForeignKeyConstraint(["resource_id"], ["booking.resources.id"], name=op.f("fk_slots_resource_id_resources")),
        sa.PrimaryKeyConstraint("resource_id", "start", name=op.f("pk_slots")),
        schema="booking",
    )
    op.create_table(
        "booking_history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.bookings.id"], name=op.f("fk_booking_history_booking_id_bookings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_history")),
        sa.UniqueConstraint("booking_id", "revision", name=op.f("uq_booking_history_booking_id")),
        schema="booking",
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("refunded", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("refunded >= 0 AND refunded <= amount", name=op.f("ck_payments_refunded")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.bookings.id"], name=op.f("fk_payments_booking_id_bookings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        schema="booking",
    )
    op.create_index(op.f("ix_booking_payments_booking_id"), "payments", ["booking_id"], unique=False, schema="booking")
    op.create_index(
        "uq_payments_kept",
        "payments",
        ["booking_id"],
        unique=True,
        schema="booking",
        postgresql_where=sa.text("status IN ('succeeded', 'partially_refunded')"),
    )
    op.create_index(
        "uq_payments_open",
        "payments",
        ["booking_id"],
        unique=True,
        schema="booking",
        postgresql_where=sa.text("status = 'open'"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_payments_open", table_name="payments", schema="booking", postgresql_where=sa.text("status = 'open'")
    )
    op.drop_index(
        "uq_payments_kept",
        table_name="payments",
        schema="booking",
        postgresql_where=sa.text("status IN ('succeeded', 'partially_refunded')"),
    )
    op.drop_index(op.f("ix_booking_payments_booking_id"), table_name="payments", schema="booking")
    op.drop_table("payments", schema="booking")
    op.drop_table("booking_history", schema="booking")
    op.drop_table("slots", schema="booking")
    op.drop_index("ix_bookings_user", table_name="bookings", schema="booking")
    op.drop_index("ix_bookings_space", table_name="bookings", schema="booking")
    op.drop_index(
        "ix_bookings_seated",
        table_name="bookings",
        schema="booking",
        postgresql_where=sa.text("status IN ('held', 'awaiting_approval', 'confirmed')"),
    )
    op.drop_index(
        "ix_bookings_due", table_name="bookings", schema="booking", postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.drop_table("bookings", schema="booking")
    op.drop_index(op.f("ix_booking_resources_space_id"), table_name="resources", schema="booking")
    op.drop_table("resources", schema="booking")
    op.drop_table("users", schema="booking")
    op.drop_index(op.f("ix_booking_spaces_owner_email"), table_name="spaces", schema="booking")
    op.drop_table("spaces", schema="booking")
    op.drop_table("outbox", schema="booking")
    op.drop_index(op.f("ix_booking_inbox_received_at"), table_name="inbox", schema="booking")
    op.drop_table("inbox", schema="booking")
    op.drop_index(op.f("ix_booking_idempotency_keys_created_at"), table_name="idempotency_keys", schema="booking")
    op.drop_table("idempotency_keys", schema="booking")
