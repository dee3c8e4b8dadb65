"""Mails that are not sent on purpose, and an index by which a recipient's mails are counted.

Mails go on meanwhile: rows are checked and the index is built without a lock. A try that was broken off begins anew.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA, TABLE = "notifications", "deliveries"
CHECK, INDEX = "ck_deliveries_status", "ix_deliveries_recipient"
BEFORE = "status IN ('pending', 'sending', 'sent', 'failed')"
AFTER = "status IN ('pending', 'sending', 'sent', 'failed', 'suppressed')"


def _check(condition: str) -> None:
    # Another constraint takes its place in the same transaction.
    ignored = "-- squawk-ignore ban-drop-constraint"
    op.execute(f"{ignored}\nALTER TABLE {SCHEMA}.{TABLE} DROP CONSTRAINT IF EXISTS {CHECK}")
    op.execute(f"ALTER TABLE {SCHEMA}.{TABLE} ADD CONSTRAINT {CHECK} CHECK ({condition}) NOT VALID")


def upgrade() -> None:
    _check(AFTER)
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE {SCHEMA}.{TABLE} VALIDATE CONSTRAINT {CHECK}")
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        op.create_index(INDEX, TABLE, ["recipient", "sent_at"], schema=SCHEMA, postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True)
    op.execute("UPDATE notifications.deliveries SET status = 'failed' WHERE status = 'suppressed'")
    _check(BEFORE)
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE {SCHEMA}.{TABLE} VALIDATE CONSTRAINT {CHECK}")
