"""Accounts are told apart by the common form of their addresses, which Python makes.

Where two accounts turn out to have one address, the verified one, else the older one, gets it. The other keeps
everything and is found by the address as it is written.
"""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import context, op
from mesto.common.identity import emails

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA, TABLE, INDEX = "auth", "accounts", "uq_accounts_email_key"
BATCH = 1000
_NEXT = sa.text(
    "SELECT id, email, created_at FROM auth.accounts WHERE email_verified = :verified"
    " AND (created_at, id) > (:created_at, :id) ORDER BY created_at, id LIMIT :most"
)
_FILL = sa.text(
    "UPDATE auth.accounts SET email_key = named.key"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:keys AS text[])) AS named (id, key)"
    " WHERE accounts.id = named.id AND accounts.email_key IS NULL"
    " AND NOT EXISTS (SELECT FROM auth.accounts AS holder WHERE holder.email_key = named.key)"
)


def upgrade() -> None:
    # Each step is done at once and can be done again: people go on signing in, and a broken-off try begins anew.
    with op.get_context().autocommit_block():
        op.add_column(TABLE, sa.Column("email_key", sa.Text(), nullable=True), schema=SCHEMA, if_not_exists=True)
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        op.create_index(INDEX, TABLE, ["email_key"], unique=True, schema=SCHEMA, postgresql_concurrently=True)
        if not context.is_offline_mode():
            for verified in (True, False):
                _fill(op.get_bind(), verified)


def _fill(connection: sa.Connection, verified: bool) -> None:
    after = {"created_at": datetime.min.replace(tzinfo=UTC), "id": UUID(int=0)}
    while True:
        values = {"verified": verified, "most": BATCH, **after}
        rows = connection.execute(_NEXT.bindparams(**values)).all()
        if not rows:
            return
        after = {"created_at": rows[-1].created_at, "id": rows[-1].id}
        found = {key: row.id for row in reversed(rows) if (key := emails.key(row.email)) is not None}
        connection.execute(_FILL, {"ids": list(found.values()), "keys": list(found)})


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        op.drop_column(TABLE, "email_key", schema=SCHEMA, if_exists=True)
