"""Competitors' offers, by target and run."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "catalog"


def upgrade() -> None:
    op.create_table(
        "scrape_targets",
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shown_run", sa.Text(), nullable=True),
        sa.Column("gone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_scrape_targets")),
        schema=SCHEMA,
    )
    op.create_index("ix_scrape_targets_name", "scrape_targets", ["name"], schema=SCHEMA)
    op.create_table(
        "scrape_runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("target", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), server_default=sa.text("'running'"), nullable=False),
        sa.Column("message", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("items", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("pages", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("coverage", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("(outcome = 'running') = (finished_at IS NULL)", name=op.f("ck_scrape_runs_finished")),
        sa.ForeignKeyConstraint(
            ["target"],
            ["catalog.scrape_targets.uid"],
            name=op.f("fk_scrape_runs_target_scrape_targets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scrape_runs")),
        schema=SCHEMA,
    )
    newest = [sa.text("target"), sa.text("started_at DESC"), sa.text("id DESC")]
    op.create_index("ix_scrape_runs_target", "scrape_runs", newest, schema=SCHEMA)
    op.create_table(
        "competitor_offers",
        sa.Column("target", sa.Uuid(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(12, 2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("per", sa.Text(), nullable=True),
        sa.Column("price_text", sa.Text(), nullable=True),
        sa.Column("amenities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nulls(amount, currency, per) IN (0, 3)", name=op.f("ck_competitor_offers_whole_price")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_competitor_offers_amount")),
        sa.ForeignKeyConstraint(
            ["run"], ["catalog.scrape_runs.id"], name=op.f("fk_competitor_offers_run_scrape_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("target", "run", "position", name=op.f("pk_competitor_offers")),
        schema=SCHEMA,
    )
    op.create_index("ix_competitor_offers_run", "competitor_offers", ["run"], schema=SCHEMA)
    op.create_index("ix_competitor_offers_city", "competitor_offers", ["city", "target", "position"], schema=SCHEMA)


def downgrade() -> None:
    op.drop_table("competitor_offers", schema=SCHEMA)
    op.drop_table("scrape_runs", schema=SCHEMA)
    op.drop_table("scrape_targets", schema=SCHEMA)
