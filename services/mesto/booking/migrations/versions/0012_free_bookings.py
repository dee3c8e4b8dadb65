"""Bookings that cost nothing are found by their renter: they count in what one person may have without paying.

The index can be built again after a broken-off try; people go on booking meanwhile.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA, TABLE, INDEX = "booking", "bookings", "ix_bookings_free"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # A build that was broken off leaves a useless index behind.
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        op.create_index(
            INDEX,
            TABLE,
            ["user_id", "ends_at"],
            schema=SCHEMA,
            postgresql_where=sa.text("total = 0 AND status IN ('awaiting_approval', 'confirmed')"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
