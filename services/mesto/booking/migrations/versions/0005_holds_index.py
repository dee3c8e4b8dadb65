"""Holds of a resource by when they run out: each new booking asks whether one that has run out stands in its way."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA, TABLE, INDEX = "booking", "bookings", "ix_bookings_held"


def upgrade() -> None:
    # Bookings go on meanwhile. A build that was broken off leaves a useless index behind: the next try begins anew.
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        op.create_index(
            INDEX,
            TABLE,
            ["resource_id", "expires_at"],
            schema=SCHEMA,
            postgresql_where=sa.text("status = 'held'"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True)
