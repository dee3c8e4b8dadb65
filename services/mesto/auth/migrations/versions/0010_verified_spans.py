"""Which addresses an account has verified, and when each was its own: who was first owns what names the address."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA = "auth"


def upgrade() -> None:
    spans = sa.Column("verified_spans", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False)
    op.add_column("accounts", spans, schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("accounts", "verified_spans", schema=SCHEMA)
