"""A delivery remembers the request that caused it, so that the task which sends the mail logs the same id."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("request_id", sa.Text(), nullable=True), schema="notifications")


def downgrade() -> None:
    op.drop_column("deliveries", "request_id", schema="notifications")
