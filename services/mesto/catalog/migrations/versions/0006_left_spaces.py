"""Spaces whose resource is missing, to whom a left space is released, since when it is listed, and its old slugs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "catalog"


def upgrade() -> None:
    op.create_table(
        "comparisons",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("unstored", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_comparisons")),
        schema=SCHEMA,
    )
    op.create_table(
        "old_slugs",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_old_slugs")),
        schema=SCHEMA,
    )
    op.create_index("ix_old_slugs_space_id", "old_slugs", ["space_id"], schema=SCHEMA)
    for column in (
        sa.Column("missing_since", sa.DateTime(timezone=True)),
        sa.Column("release_to", sa.Text()),
        # What is there was listed so far.
        sa.Column("listing", sa.Text(), server_default=sa.text("'listed'"), nullable=False),
    ):
        op.add_column("spaces", column, schema=SCHEMA)


def downgrade() -> None:
    for column in ("listing", "release_to", "missing_since"):
        op.drop_column("spaces", column, schema=SCHEMA)
    op.drop_table("old_slugs", schema=SCHEMA)
    op.drop_table("comparisons", schema=SCHEMA)
