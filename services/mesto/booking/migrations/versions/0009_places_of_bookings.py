"""Where spaces are, and for which title and address a booking was made."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "booking"
COLUMNS: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("spaces", sa.Column("latitude", sa.Double())),
    ("spaces", sa.Column("longitude", sa.Double())),
    ("bookings", sa.Column("booked_title", postgresql.JSONB())),
    ("bookings", sa.Column("booked_address", sa.Text())),
)
# Of bookings made before, where their space is now is the best that is known; those that are over need nothing.
KEEP = """
    UPDATE booking.bookings AS b SET booked_title = s.title, booked_address = s.address
    FROM booking.spaces AS s
    WHERE s.id = b.space_id AND b.busy_until > now() AND b.status IN ('held', 'awaiting_approval', 'confirmed')
"""


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, column, schema=SCHEMA)
    op.execute(KEEP)


def downgrade() -> None:
    for table, column in COLUMNS:
        op.drop_column(table, column.name, schema=SCHEMA)
