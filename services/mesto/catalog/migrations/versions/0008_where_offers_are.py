"""Where competitors' offers are."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA, TABLE, CHECK = "catalog", "competitor_offers", "ck_competitor_offers_position"
POSITION = "num_nulls(latitude, longitude) IN (0, 2) AND latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180"


def upgrade() -> None:
    for column in ("latitude", "longitude"):
        op.add_column(TABLE, sa.Column(column, sa.Double(), nullable=True), schema=SCHEMA)
    op.create_check_constraint(op.f(CHECK), TABLE, POSITION, schema=SCHEMA, postgresql_not_valid=True)


def downgrade() -> None:
    op.drop_constraint(op.f(CHECK), TABLE, schema=SCHEMA)
    for column in ("longitude", "latitude"):
        op.drop_column(TABLE, column, schema=SCHEMA)
