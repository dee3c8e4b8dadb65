"""Sessions know whence they are used and when their holder signed in; successors of refresh tokens; withdrawn tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "auth"


def upgrade() -> None:
    true, empty, now = sa.text("true"), sa.text("''"), sa.text("now()")
    op.add_column("sessions", sa.Column("network", sa.Text(), nullable=False, server_default=empty), schema=SCHEMA)
    op.add_column("sessions", sa.Column("remembered", sa.Boolean(), nullable=False, server_default=true), schema=SCHEMA)
    op.add_column(
        "sessions",
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        schema=SCHEMA,
    )
    # Sessions of before did not sign in just now.
    op.execute("UPDATE auth.sessions SET authenticated_at = created_at")
    op.add_column("refresh_tokens", sa.Column("successor_salt", sa.LargeBinary(), nullable=True), schema=SCHEMA)
    op.create_table(
        "withdrawals",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_withdrawals")),
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_auth_withdrawals_xid"), "withdrawals", ["xid"], schema=SCHEMA)
    op.create_index(op.f("ix_auth_withdrawals_at"), "withdrawals", ["at"], schema=SCHEMA)


def downgrade() -> None:
    op.drop_table("withdrawals", schema=SCHEMA)
    op.drop_column("refresh_tokens", "successor_salt", schema=SCHEMA)
    for column in ("authenticated_at", "remembered", "network"):
        op.drop_column("sessions", column, schema=SCHEMA)
