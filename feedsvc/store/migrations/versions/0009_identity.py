"""Near-equal articles: prints of texts, clusters, and which member of a cluster feeds show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BIG = sa.BigInteger()
TIME = sa.DateTime(timezone=True)
WINDOWS = (("category_id", "published_at", "id"), ("published_at", "id"))


def upgrade() -> None:
    op.add_column(
        "article", sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    for columns in WINDOWS:
        op.drop_index(f"ix_article_{'_'.join(columns)}", "article")
        op.create_index(f"ix_article_shown_{'_'.join(columns)}", "article", ["shown", *columns])
    op.create_table(
        "fingerprint",
        sa.Column("hash", BIG, nullable=False, autoincrement=False),
        sa.Column("article_id", BIG, nullable=False, autoincrement=False),
        sa.Column("source_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("hash", "article_id", name="pk_fingerprint"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_fingerprint_article_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sketch",
        sa.Column("article_id", KEY, nullable=False, autoincrement=False),
        sa.Column("grams", sa.Integer(), nullable=False),
        sa.Column("mark", BIG, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_sketch"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_sketch_article_id"),
    )
    create_clusters()


def create_clusters() -> None:
    op.create_table(
        "cluster_member",
        sa.Column("article_id", KEY, nullable=False, autoincrement=False),
        sa.Column("cluster_id", BIG, nullable=False),
        sa.Column("was_entry", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_cluster_member"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_cluster_member_article_id"
        ),
    )
    op.create_index("ix_cluster_member_cluster_id", "cluster_member", ["cluster_id"])
    op.create_table(
        "cluster_event",
        sa.Column("id", KEY),
        sa.Column("cluster_id", BIG, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cluster_event"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_cluster_event_article_id"),
    )
    op.create_index("ix_cluster_event_cluster_id", "cluster_event", ["cluster_id"])
    op.create_index("ix_cluster_event_article_id", "cluster_event", ["article_id"])
    op.create_table(
        "alike",
        sa.Column("article_id", BIG, nullable=False, autoincrement=False),
        sa.Column("other_id", BIG, nullable=False, autoincrement=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "other_id", name="pk_alike"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_alike_article_id"),
        sa.ForeignKeyConstraint(["other_id"], ["article.id"], name="fk_alike_other_id"),
    )
    op.create_index("ix_alike_other_id", "alike", ["other_id"])


def downgrade() -> None:
    for table in ("alike", "cluster_event", "cluster_member", "sketch", "fingerprint"):
        op.drop_table(table)
    for columns in WINDOWS:
        op.drop_index(f"ix_article_shown_{'_'.join(columns)}", "article")
        op.create_index(f"ix_article_{'_'.join(columns)}", "article", list(columns))
    op.drop_column("article", "shown")
