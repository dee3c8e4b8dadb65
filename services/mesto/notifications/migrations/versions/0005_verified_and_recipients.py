"""Who has verified the address, which mails go to them only, and whom a mail went to.

People that are known already count as unverified until their next change, or until ``mesto rebuild notifications``.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "notifications"


def upgrade() -> None:
    no = sa.text("false")
    op.add_column("users", sa.Column("email_verified", sa.Boolean(), server_default=no, nullable=False), schema=SCHEMA)
    op.add_column(
        "deliveries", sa.Column("verified_only", sa.Boolean(), server_default=no, nullable=False), schema=SCHEMA
    )
    op.add_column("deliveries", sa.Column("recipient", sa.Text(), nullable=True), schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("deliveries", "recipient", schema=SCHEMA)
    op.drop_column("deliveries", "verified_only", schema=SCHEMA)
    op.drop_column("users", "email_verified", schema=SCHEMA)
