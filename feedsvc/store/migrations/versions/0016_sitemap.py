"""One index that lists the readable articles of a range with their last change, for the sitemap."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The longer one answers all that the shorter one did.
    op.create_index(
        "ix_article_status_id_updated_at", "article", ["status", "id", "updated_at"], unique=False
    )
    op.drop_index("ix_article_status_id", table_name="article")


def downgrade() -> None:
    op.create_index("ix_article_status_id", "article", ["status", "id"], unique=False)
    op.drop_index("ix_article_status_id_updated_at", table_name="article")
