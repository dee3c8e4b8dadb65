"""Links that verify addresses become links of several purposes.

The release before reads and writes the table meanwhile: its links verify, and all that it does not know is built in.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA, TABLE, INDEX = "auth", "verifications", "ix_verifications_email_undo"


def upgrade() -> None:
    # Each step is done at once and can be done again: people go on opening links, and a broken-off try begins anew.
    now = sa.text("now()")
    with op.get_context().autocommit_block():
        for column in (
            sa.Column("purpose", sa.Text(), server_default="verify", nullable=False),
            sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
            sa.Column("email_key", sa.Text(), nullable=True),
        ):
            op.add_column(TABLE, column, schema=SCHEMA, if_not_exists=True)
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        op.create_index(
            INDEX,
            TABLE,
            ["email_key"],
            schema=SCHEMA,
            postgresql_concurrently=True,
            postgresql_where=sa.text("purpose = 'email_undo'"),
        )


def downgrade() -> None:
    # Links of other purposes must not verify an address in the release before.
    op.execute("DELETE FROM auth.verifications WHERE purpose <> 'verify'")
    with op.get_context().autocommit_block():
        op.drop_index(INDEX, TABLE, schema=SCHEMA, postgresql_concurrently=True, if_exists=True)
        for name in ("email_key", "created_at", "purpose"):
            op.drop_column(TABLE, name, schema=SCHEMA, if_exists=True)
