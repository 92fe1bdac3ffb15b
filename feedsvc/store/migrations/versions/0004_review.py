"""What partners want done and an editor decides on, and each source's policy for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BIG = sa.BigInteger()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("source", sa.Column("on_withdrawal", TEXT, nullable=False, server_default="auto"))
    op.add_column("source", sa.Column("recheck", sa.Boolean(), nullable=True))
    op.create_table(
        "candidate",
        sa.Column("id", KEY, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("source_id", BIG, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("evidence", TEXT, nullable=False),
        sa.Column("proposed", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("settled_at", TIME, nullable=True),
        sa.Column("settled_by", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_candidate_article_id"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_candidate_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_candidate"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_candidate_state_id", "candidate", ["state", "id"])
    op.create_index("ix_candidate_article_id", "candidate", ["article_id"])
    op.create_index("ix_candidate_source_id_state", "candidate", ["source_id", "state"])


def downgrade() -> None:
    op.drop_table("candidate")
    op.drop_column("source", "recheck")
    op.drop_column("source", "on_withdrawal")
