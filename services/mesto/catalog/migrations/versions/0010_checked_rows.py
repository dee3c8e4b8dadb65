"""Rows are held to the checks of the versions before, and spaces are found by whom they are released to.

Each step is done at once and can be done again: others write meanwhile, and a broken-off try begins anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA, INDEX = "catalog", "ix_spaces_release_to"
CHECKS = (
    ("prices", "ck_prices_amount"),
    ("competitor_offers", "ck_competitor_offers_amount"),
    ("competitor_offers", "ck_competitor_offers_position"),
    ("resources", "ck_resources_capacity"),
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for table, check in CHECKS:
            op.execute(f"ALTER TABLE {SCHEMA}.{table} VALIDATE CONSTRAINT {check}")
        # A build that was broken off leaves a useless index behind.
        op.drop_index(INDEX, "spaces", schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        op.create_index(
            INDEX,
            "spaces",
            ["release_to"],
            schema=SCHEMA,
            postgresql_where=sa.text("release_to IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, "spaces", schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
