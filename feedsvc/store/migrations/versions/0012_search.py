"""The search index: pairs of characters, as a tsvector on PostgreSQL and in FTS5 on SQLite."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "search_entry",
        sa.Column("article_id", KEY, nullable=False, autoincrement=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text() if sqlite else TSVECTOR()),
        sa.PrimaryKeyConstraint("article_id", name="pk_search_entry"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_search_entry_article_id"),
    )
    op.create_table(
        "search_due",
        sa.Column("article_id", KEY, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_search_due"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_search_due_article_id"),
    )
    op.execute("INSERT INTO search_due (article_id) SELECT id FROM article")
    if sqlite:
        # Neither positions nor the text are kept: pairs are found, and phrases looked up in the article.
        op.execute(
            "CREATE VIRTUAL TABLE search_words"
            " USING fts5 (words, content='', detail=none, tokenize='ascii')"
        )
    else:
        op.create_index(
            "ix_search_entry_words", "search_entry", ["words"], postgresql_using="gin"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_words")
    op.drop_table("search_due")
    op.drop_table("search_entry")
