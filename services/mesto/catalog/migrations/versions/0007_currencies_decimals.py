"""Amounts with the decimals of their currency: none in yen, three in Kuwaiti dinars."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SOUND = "amount >= 0 AND amount < 1e10 AND scale(amount) <= 4"
TABLES = ("prices", "competitor_offers")


def upgrade() -> None:
    for table in TABLES:
        # Without a bound the type is only relabelled: neither rows nor indexes are written anew.
        op.execute(
            f"-- squawk-ignore changing-column-type\nALTER TABLE catalog.{table} ALTER COLUMN amount TYPE numeric"
        )
        # The one that follows says more.
        op.execute(
            f"-- squawk-ignore ban-drop-constraint\nALTER TABLE catalog.{table} DROP CONSTRAINT ck_{table}_amount"
        )
        op.execute(f"ALTER TABLE catalog.{table} ADD CONSTRAINT ck_{table}_amount CHECK ({SOUND}) NOT VALID")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE catalog.{table} DROP CONSTRAINT ck_{table}_amount")
        op.execute(
            f"-- squawk-ignore changing-column-type\nALTER TABLE catalog.{table} ALTER COLUMN amount TYPE numeric(12, 2)"
        )
        op.execute(f"ALTER TABLE catalog.{table} ADD CONSTRAINT ck_{table}_amount CHECK (amount >= 0)")
