"""What owners have set of their spaces, beside what is declared."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "catalog"


def upgrade() -> None:
    held = sa.Column("held", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False)
    op.add_column("spaces", held, schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("spaces", "held", schema=SCHEMA)
