"""The security log, which nobody changes, and the keys of its persons."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "auth"


def upgrade() -> None:
    op.create_table(
        "security_keys",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["auth.accounts.id"], name=op.f("fk_security_keys_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_security_keys")),
        schema=SCHEMA,
    )
    op.create_table(
        "security_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.Column("actor", sa.LargeBinary(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_log")),
        schema=SCHEMA,
    )
    op.create_index(op.f("ix_auth_security_log_at"), "security_log", ["at"], schema=SCHEMA)
    op.create_index("ix_security_log_person_id", "security_log", ["person", "id"], schema=SCHEMA)
    op.create_index("ix_security_log_actor_id", "security_log", ["actor", "id"], schema=SCHEMA)
    op.execute("""
        CREATE FUNCTION auth.security_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND OLD.keep_until <= now() THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'the security log is only added to, and entry % is kept until %', OLD.id, OLD.keep_until
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER security_log_stays BEFORE UPDATE OR DELETE ON auth.security_log
        FOR EACH ROW EXECUTE FUNCTION auth.security_log_stays()
    """)
    # Random from PostgreSQL itself: a wrong password of somebody known writes as much as one of somebody unknown.
    op.execute("""
        INSERT INTO auth.security_keys (account_id, key)
        SELECT id, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) FROM auth.accounts
    """)


def downgrade() -> None:
    op.drop_table("security_log", schema=SCHEMA)
    op.execute("DROP FUNCTION auth.security_log_stays()")
    op.drop_table("security_keys", schema=SCHEMA)
