"""The house's filters and words; articles keep the tags that their partners gave them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table in ("article", "revision"):
        op.add_column(table, sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "filter",
        sa.Column("id", KEY),
        sa.Column("source_id", sa.BigInteger()),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("category_id", sa.BigInteger()),
        sa.Column("rewrite", sa.JSON()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_filter"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_filter_source_id"),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name="fk_filter_category_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_filter_source_id", "filter", ["source_id"])
    op.create_table(
        "house_word",
        sa.Column("id", KEY),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_house_word"),
        sa.UniqueConstraint("text", name="uq_house_word_text"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("house_word")
    op.drop_table("filter")
    for table in ("revision", "article"):
        op.drop_column(table, "tags")
