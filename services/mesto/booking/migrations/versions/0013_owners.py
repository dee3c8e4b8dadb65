"""Spaces belong to accounts. Until catalog says to which, the address decides, which stays for the release before.

Each step is done at once and can be done again: people go on booking, and a broken-off try begins anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA, TABLE, INDEX = "booking", "spaces", "ix_spaces_owner_id"


def upgrade() -> None:
    decided: sa.Column[bool] = sa.Column("owner_decided", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    with op.get_context().autocommit_block():
        op.add_column(TABLE, sa.Column("owner_id", sa.Uuid(), nullable=True), schema=SCHEMA, if_not_exists=True)
        op.add_column(TABLE, decided, schema=SCHEMA, if_not_exists=True)
        # A build that was broken off leaves a useless index behind.
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        op.create_index(
            INDEX,
            TABLE,
            ["owner_id"],
            schema=SCHEMA,
            postgresql_where=sa.text("owner_id IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        op.drop_column(TABLE, "owner_decided", schema=SCHEMA, if_exists=True)
        op.drop_column(TABLE, "owner_id", schema=SCHEMA, if_exists=True)
