"""Documents know how long they may be kept and which others they lead to; articles, whether AI made them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Documents of before are made anew at the next start.
    op.execute("DELETE FROM feed_document")
    op.add_column("feed_document", sa.Column("max_age", sa.Integer(), nullable=False))
    op.add_column("feed_document", sa.Column("links", sa.JSON(), nullable=False))
    for table in ("article", "revision"):
        op.add_column(
            table, sa.Column("ai_label", sa.Text(), nullable=False, server_default="")
        )


def downgrade() -> None:
    for table in ("revision", "article"):
        op.drop_column(table, "ai_label")
    op.drop_column("feed_document", "links")
    op.drop_column("feed_document", "max_age")
