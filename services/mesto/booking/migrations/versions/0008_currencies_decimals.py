"""Amounts with the decimals of their currency: none in yen, three in Kuwaiti dinars."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = (("bookings", "total"), ("bookings", "refund"), ("payments", "amount"), ("payments", "refunded"))
CHECKED = (("bookings", "total"), ("payments", "amount"))


def upgrade() -> None:
    for table, column in COLUMNS:
        # Without a bound the type is only relabelled: neither rows nor indexes are written anew.
        op.execute(
            f"-- squawk-ignore changing-column-type\nALTER TABLE booking.{table} ALTER COLUMN {column} TYPE numeric"
        )
    for table, column in CHECKED:
        sound = f"{column} >= 0 AND {column} < 1e10 AND scale({column}) <= 4"
        op.execute(f"ALTER TABLE booking.{table} ADD CONSTRAINT ck_{table}_{column} CHECK ({sound}) NOT VALID")


def downgrade() -> None:
    for table, column in CHECKED:
        op.execute(f"ALTER TABLE booking.{table} DROP CONSTRAINT ck_{table}_{column}")
    for table, column in COLUMNS:
        op.execute(
            f"-- squawk-ignore changing-column-type\nALTER TABLE booking.{table} ALTER COLUMN {column}"
            " TYPE numeric(12, 2)"
        )
