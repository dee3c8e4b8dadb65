"""Mails that are not sent on purpose."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA, TABLE = "notifications", "deliveries"
CHECK = "ck_deliveries_status"
BEFORE = "status IN ('pending', 'sending', 'sent', 'failed')"
AFTER = "status IN ('pending', 'sending', 'sent', 'failed', 'suppressed')"


def _check(condition: str) -> None:
    # Another constraint takes its place in the same transaction.
    ignored = "-- squawk-ignore ban-drop-constraint"
    op.execute(f"{ignored}\nALTER TABLE {SCHEMA}.{TABLE} DROP CONSTRAINT {CHECK}")
    op.execute(f"ALTER TABLE {SCHEMA}.{TABLE} ADD CONSTRAINT {CHECK} CHECK ({condition}) NOT VALID")


def upgrade() -> None:
    _check(AFTER)


def downgrade() -> None:
    op.execute("UPDATE notifications.deliveries SET status = 'failed' WHERE status = 'suppressed'")
    _check(BEFORE)
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE {SCHEMA}.{TABLE} VALIDATE CONSTRAINT {CHECK}")
