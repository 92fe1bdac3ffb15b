"""What editors decide about feeds: former names, ends, pins, full or summary, and times of release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "former_name",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("feed_id", sa.BigInteger(), nullable=False),
        sa.Column("left_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_former_name"),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name="fk_former_name_feed_id"),
    )
    op.create_index("ix_former_name_feed_id", "former_name", ["feed_id"])
    op.create_table(
        "farewell",
        sa.Column("feed_id", KEY, nullable=False, autoincrement=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("successor_id", sa.BigInteger(), nullable=True),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("feed_id", name="pk_farewell"),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name="fk_farewell_feed_id"),
        sa.ForeignKeyConstraint(["successor_id"], ["feed.id"], name="fk_farewell_successor_id"),
        sa.UniqueConstraint("guid", name="uq_farewell_guid"),
    )
    op.create_table(
        "pin",
        sa.Column("feed_id", KEY, nullable=False, autoincrement=False),
        sa.Column("article_id", KEY, nullable=False, autoincrement=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("pinned_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("feed_id", "article_id", name="pk_pin"),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name="fk_pin_feed_id"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_pin_article_id"),
    )
    op.create_index("ix_pin_article_id", "pin", ["article_id"])
    op.create_table(
        "release",
        sa.Column("article_id", KEY, nullable=False, autoincrement=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_release"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_release_article_id"),
    )
    op.create_index("ix_release_at", "release", ["at"])
    op.add_column(
        "feed", sa.Column("content", sa.Text(), nullable=False, server_default="full")
    )
    op.add_column(
        "feed",
        sa.Column("whole_since", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column(
        "feed_document",
        sa.Column("gone", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM feed_document WHERE gone = :gone").bindparams(gone=True))
    op.drop_column("feed_document", "gone")
    op.drop_column("feed", "whole_since")
    op.drop_column("feed", "content")
    op.drop_table("release")
    op.drop_table("pin")
    op.drop_table("farewell")
    op.drop_table("former_name")
