"""How many people a resource is for, beside its seats."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("resources", sa.Column("capacity", sa.Integer()), schema="catalog")
    op.execute("ALTER TABLE catalog.resources ADD CONSTRAINT ck_resources_capacity CHECK (capacity >= 1) NOT VALID")


def downgrade() -> None:
    op.drop_column("resources", "capacity", schema="catalog")
