"""Rows are held to the check of the version before, and the mails of a recipient are counted by an index.

Each step is done at once and can be done again: mails go on meanwhile, and a broken-off try begins anew.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA, TABLE = "notifications", "deliveries"
CHECK, INDEX = "ck_deliveries_status", "ix_deliveries_recipient"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE {SCHEMA}.{TABLE} VALIDATE CONSTRAINT {CHECK}")
        # A build that was broken off leaves a useless index behind.
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        op.create_index(INDEX, TABLE, ["recipient", "sent_at"], schema=SCHEMA, postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
