"""The article pages that are looked at again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "page",
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("link", TEXT, nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("left_at", TIME, nullable=True),
        sa.Column("checked_at", TIME, nullable=True),
        sa.Column("gone_at", TIME, nullable=True),
        sa.Column("etag", TEXT, nullable=True),
        sa.Column("last_modified", TEXT, nullable=True),
        sa.Column("body_hash", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_page_source_id"),
        sa.PrimaryKeyConstraint("source_id", "digest", name="pk_page"),
    )
    op.create_index("ix_page_source_id_published_at", "page", ["source_id", "published_at"])


def downgrade() -> None:
    op.drop_table("page")
