"""Pictures: what articles name, what we have of it, and what each source allows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BIG = sa.BigInteger()
INT = sa.Integer()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "source", sa.Column("pictures", TEXT, nullable=False, server_default="mirror")
    )
    op.create_table(
        "picture",
        sa.Column("id", KEY),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("domain", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=True),
        sa.Column("media_type", TEXT, nullable=True),
        sa.Column("width", INT, nullable=True),
        sa.Column("height", INT, nullable=True),
        sa.Column("length", BIG, nullable=True),
        sa.Column("error_kind", TEXT, nullable=True),
        sa.Column("tries", INT, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("lease", BIG, nullable=False),
        sa.Column("lease_expires_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_picture"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_picture_digest", "picture", ["digest"], unique=True)
    op.create_index("ix_picture_state_due_at", "picture", ["state", "due_at"])
    op.create_index("ix_picture_lease_expires_at", "picture", ["lease_expires_at"])
    op.create_index("ix_picture_hash", "picture", ["hash"])
    op.create_table(
        "article_picture",
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("picture_id", BIG, nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_article_picture_article_id"
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["picture.id"], name="fk_article_picture_picture_id"
        ),
        sa.PrimaryKeyConstraint("article_id", "picture_id", name="pk_article_picture"),
    )
    op.create_index("ix_article_picture_picture_id", "article_picture", ["picture_id"])


def downgrade() -> None:
    op.drop_table("article_picture")
    op.drop_table("picture")
    op.drop_column("source", "pictures")
