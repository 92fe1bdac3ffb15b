"""Changes by category and by article; documents know their entries' places, for deltas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("change", sa.Column("category_id", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE change SET category_id ="
        " (SELECT article.category_id FROM article WHERE article.id = change.article_id)"
    )
    with op.batch_alter_table("change") as change:
        change.alter_column("category_id", existing_type=sa.BigInteger(), nullable=False)
        change.create_foreign_key("fk_change_category_id", "category", ["category_id"], ["id"])
    op.create_index("ix_change_category_id_cursor", "change", ["category_id", "cursor"])
    op.create_index("ix_change_article_id_cursor", "change", ["article_id", "cursor"])
    # Documents of before are made anew at the next start.
    op.execute("DELETE FROM feed_document")
    op.add_column("feed_document", sa.Column("pieces", sa.JSON(), nullable=False))
    op.add_column("feed_document", sa.Column("complete_since", sa.BigInteger(), nullable=False))


def downgrade() -> None:
    op.drop_column("feed_document", "complete_since")
    op.drop_column("feed_document", "pieces")
    op.drop_index("ix_change_article_id_cursor", "change")
    op.drop_index("ix_change_category_id_cursor", "change")
    with op.batch_alter_table("change") as change:
        change.drop_constraint("fk_change_category_id", type_="foreignkey")
        change.drop_column("category_id")
