"""When a hold was given up or ran out unpaid: it counts in its renter's budget for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA = "booking"


def upgrade() -> None:
    op.add_column("bookings", sa.Column("released_at", sa.DateTime(timezone=True)), schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("bookings", "released_at", schema=SCHEMA)
