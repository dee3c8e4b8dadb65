"""What limits count, and devices that accounts know."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA = "auth"


def upgrade() -> None:
    op.create_table(
        "rate_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_entries")),
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_auth_rate_entries_expires_at"), "rate_entries", ["expires_at"], schema=SCHEMA)
    op.create_index("ix_rate_entries_subject_expires_at", "rate_entries", ["subject", "expires_at"], schema=SCHEMA)
    op.create_table(
        "known_devices",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["auth.accounts.id"], name=op.f("fk_known_devices_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", "account_id", name=op.f("pk_known_devices")),
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_auth_known_devices_account_id"), "known_devices", ["account_id"], schema=SCHEMA)
    op.create_index(op.f("ix_auth_known_devices_used_at"), "known_devices", ["used_at"], schema=SCHEMA)


def downgrade() -> None:
    op.drop_table("known_devices", schema=SCHEMA)
    op.drop_table("rate_entries", schema=SCHEMA)
