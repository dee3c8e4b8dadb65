"""Datasets that a custom resource declares, and okrugs that districts lie in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "geo"


def upgrade() -> None:
    op.add_column("datasets", sa.Column("owner", sa.Uuid(), nullable=True), schema=SCHEMA)
    op.add_column("datasets", sa.Column("generation", sa.BigInteger(), nullable=True), schema=SCHEMA)
    op.add_column("datasets", sa.Column("source", sa.Text(), server_default="", nullable=False), schema=SCHEMA)
    op.add_column("datasets", sa.Column("level", sa.Text(), nullable=True), schema=SCHEMA)
    op.add_column("datasets", sa.Column("repaired", sa.Integer(), server_default="0", nullable=False), schema=SCHEMA)
    op.add_column("datasets", sa.Column("digest", sa.Text(), server_default="", nullable=False), schema=SCHEMA)
    op.add_column(
        "datasets",
        sa.Column("checked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        schema=SCHEMA,
    )
    op.add_column("districts", sa.Column("level", sa.Text(), server_default="district", nullable=False), schema=SCHEMA)
    op.add_column("districts", sa.Column("parent", sa.Text(), nullable=True), schema=SCHEMA)


def downgrade() -> None:
    for column in ("parent", "level"):
        op.drop_column("districts", column, schema=SCHEMA)
    for column in ("checked_at", "digest", "repaired", "level", "source", "generation", "owner"):
        op.drop_column("datasets", column, schema=SCHEMA)
