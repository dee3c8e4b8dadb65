"""The time zones that spaces say they are in."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "geo"


def upgrade() -> None:
    op.add_column("positions", sa.Column("time_zone", sa.Text(), nullable=True), schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("positions", "time_zone", schema=SCHEMA)
