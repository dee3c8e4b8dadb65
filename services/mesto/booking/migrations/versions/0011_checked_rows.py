"""Rows are held to the checks of the versions before, and spaces whose verdict is due are found.

Each step is done at once and can be done again: people go on booking, and a broken-off try begins anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA, TABLE, INDEX = "booking", "spaces", "ix_spaces_bookable_due"
CHECKS = (("bookings", "ck_bookings_total"), ("payments", "ck_payments_amount"))


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for table, check in CHECKS:
            op.execute(f"ALTER TABLE {SCHEMA}.{table} VALIDATE CONSTRAINT {check}")
        # A build that was broken off leaves a useless index behind.
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        op.create_index(
            INDEX,
            TABLE,
            ["bookable_due"],
            schema=SCHEMA,
            postgresql_where=sa.text("bookable_due IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
