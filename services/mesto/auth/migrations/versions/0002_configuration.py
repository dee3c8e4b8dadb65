"""The service's section of the platform's policy."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "auth"


def upgrade() -> None:
    op.create_table(
        "configuration",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("policy", postgresql.JSONB(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_configuration_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration")),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("configuration", schema=SCHEMA)
