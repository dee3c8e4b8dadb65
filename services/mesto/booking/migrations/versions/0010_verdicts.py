"""Whether a renter can book a space: reckoned by us, told to catalog, reckoned anew as time goes by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA, TABLE = "booking", "spaces"
NEVER_RECKONED = sa.text("'2000-01-01 00:00:00+00'::timestamptz")


def upgrade() -> None:
    # Defaults that are constant write no row anew.
    op.add_column(TABLE, sa.Column("bookable", postgresql.JSONB(none_as_null=True)), schema=SCHEMA)
    op.add_column(
        TABLE,
        sa.Column("bookable_sequence", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        schema=SCHEMA,
    )
    op.add_column(
        TABLE, sa.Column("bookable_due", sa.DateTime(timezone=True), server_default=NEVER_RECKONED), schema=SCHEMA
    )


def downgrade() -> None:
    for name in ("bookable_due", "bookable_sequence", "bookable"):
        op.drop_column(TABLE, name, schema=SCHEMA)
