"""Links that verify addresses, and how often things were asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "auth"


def upgrade() -> None:
    op.create_table(
        "occasions",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_occasions")),
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_auth_occasions_since"), "occasions", ["since"], schema=SCHEMA)
    op.create_table(
        "verifications",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["auth.accounts.id"], name=op.f("fk_verifications_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_verifications")),
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_auth_verifications_account_id"), "verifications", ["account_id"], schema=SCHEMA)
    op.create_index(op.f("ix_auth_verifications_expires_at"), "verifications", ["expires_at"], schema=SCHEMA)


def downgrade() -> None:
    op.drop_table("verifications", schema=SCHEMA)
    op.drop_table("occasions", schema=SCHEMA)
