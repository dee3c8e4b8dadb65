"""What catalog is about to change of a space."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "booking"


def upgrade() -> None:
    op.add_column("spaces", sa.Column("proposals", postgresql.JSONB()), schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("spaces", "proposals", schema=SCHEMA)
