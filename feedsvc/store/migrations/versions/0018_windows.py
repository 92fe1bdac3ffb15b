"""The window indexes tell alone whether an article is shown, so that months are counted without it."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WINDOWS = (
    ("shown", "category_id", "published_at", "id"),
    ("shown", "published_at", "id"),
)
TOLD = ("public", "status")


def upgrade() -> None:
    for columns in WINDOWS:
        _replace(columns, (*columns, *TOLD))


def downgrade() -> None:
    for columns in WINDOWS:
        _replace((*columns, *TOLD), columns)


def _replace(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    op.drop_index(f"ix_article_{'_'.join(old)}", "article")
    op.create_index(f"ix_article_{'_'.join(new)}", "article", list(new))
