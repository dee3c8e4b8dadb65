"""Addresses of people and owners are kept in their common form, which Python makes.

The older form was in small letters: for an ASCII address that is the common form. Nothing is lost by another one: each
row is a copy of what auth or catalog has.
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import context, op
from mesto.common.identity import emails

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    if context.is_offline_mode():
        return
    with op.get_context().autocommit_block():
        for table, column, nobody in (("users", "email", ""), ("spaces", "owner_email", None)):
            _rewrite(
                op.get_bind(),
                sa.table(table, sa.column("id", sa.Uuid), sa.column(column), schema="booking"),
                column,
                nobody,
            )


def _rewrite(connection: sa.Connection, table: sa.TableClause, column: str, nobody: str | None) -> None:
    after = UUID(int=0)
    address = table.c[column]
    while True:
        foreign = sa.select(table.c.id, address).where(address.op("~")("[^ -~]"), table.c.id > after)
        rows = connection.execute(foreign.order_by(table.c.id).limit(BATCH)).all()
        for row in rows:
            # Only what still says so: an event may have come meanwhile.
            same = (table.c.id == row.id) & (address == row[1])
            connection.execute(sa.update(table).where(same).values({column: emails.key(row[1]) or nobody}))
        if len(rows) < BATCH:
            return
        after = rows[-1].id


def downgrade() -> None:
    """The older release takes the common form for another address until the next event of a person or a space."""
