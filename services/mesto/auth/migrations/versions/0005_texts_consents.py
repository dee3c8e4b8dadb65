"""The platform's texts in all their versions, and who has agreed to which."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "auth"


def upgrade() -> None:
    op.create_table(
        "text_versions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("ru", sa.Text(), nullable=True),
        sa.Column("en", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ru IS NOT NULL OR en IS NOT NULL", name=op.f("ck_text_versions_written")),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_text_versions")),
        schema=SCHEMA,
    )
    op.execute(
        """
        CREATE FUNCTION auth.text_versions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a version of a text that was shown is neither changed nor deleted';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER text_versions_stay BEFORE UPDATE OR DELETE ON auth.text_versions
        FOR EACH ROW EXECUTE FUNCTION auth.text_versions_stay()
        """
    )
    op.create_table(
        "texts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("required_to_register", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["name", "version"],
            ["auth.text_versions.name", "auth.text_versions.version"],
            name=op.f("fk_texts_name_text_versions"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_texts")),
        schema=SCHEMA,
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["auth.accounts.id"], name=op.f("fk_consents_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["text", "version"],
            ["auth.text_versions.name", "auth.text_versions.version"],
            name=op.f("fk_consents_text_text_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.UniqueConstraint("account_id", "text", "version", name=op.f("uq_consents_account_id")),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("consents", schema=SCHEMA)
    op.drop_table("texts", schema=SCHEMA)
    op.drop_table("text_versions", schema=SCHEMA)
    op.execute("DROP FUNCTION auth.text_versions_stay()")
