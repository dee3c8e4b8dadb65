"""Accounts, and which of them a space belongs to. Who owns what is there already is decided once all accounts are known.

Each step is done at once and can be done again: others write meanwhile, and a broken-off try begins anew.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "catalog"
COLUMNS = (
    ("owner_key", sa.Text()),
    ("owner_named_at", sa.DateTime(timezone=True)),
    ("owner_id", sa.Uuid()),
)
INDEXES = (
    ("ix_spaces_owner_key", "owner_key", "owner_key IS NOT NULL"),
    ("ix_spaces_owner_id", "owner_id", "owner_id IS NOT NULL"),
    ("ix_spaces_undecided", "id", "owner_key IS NULL AND owner_email IS NOT NULL"),
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, kind in COLUMNS:
            op.add_column("spaces", sa.Column(name, kind, nullable=True), schema=SCHEMA, if_not_exists=True)
        for index, column, condition in INDEXES:
            # A build that was broken off leaves a useless index behind.
            op.drop_index(index, "spaces", schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
            op.create_index(
                index,
                "spaces",
                [column],
                schema=SCHEMA,
                postgresql_where=sa.text(condition),
                postgresql_concurrently=True,
            )
        op.create_table(
            "accounts",
            sa.Column("user_id", sa.Uuid(), nullable=False),
            sa.Column("revision", sa.BigInteger(), nullable=False),
            sa.Column("removed", sa.Boolean(), nullable=False),
            sa.Column("address", sa.Text(), nullable=True),
            sa.Column("email_verified", sa.Boolean(), nullable=False),
            sa.Column("spans", postgresql.JSONB(), nullable=False),
            sa.Column("addresses", postgresql.ARRAY(sa.Text()), nullable=False),
            sa.PrimaryKeyConstraint("user_id", name=op.f("pk_accounts")),
            schema=SCHEMA,
            if_not_exists=True,
        )
        for index, column, method in (
            ("ix_accounts_address", "address", "btree"),
            ("ix_accounts_addresses", "addresses", "gin"),
        ):
            op.drop_index(index, "accounts", schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
            op.create_index(
                index, "accounts", [column], schema=SCHEMA, postgresql_using=method, postgresql_concurrently=True
            )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_table("accounts", schema=SCHEMA, if_exists=True)
        for index, _, _ in INDEXES:
            op.drop_index(index, "spaces", schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        for name, _ in COLUMNS:
            op.drop_column("spaces", name, schema=SCHEMA, if_exists=True)
