"""Who was invited to be an owner: each address once."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = "catalog"


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("address_hash", sa.Text(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_invitations")),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("invitations", schema=SCHEMA)
