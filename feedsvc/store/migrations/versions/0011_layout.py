"""How each source's pages usually look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "layout",
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("suspected", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("bad_links", sa.JSON(), nullable=False),
        sa.Column("proposal", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_layout_source_id"),
        sa.PrimaryKeyConstraint("source_id", name="pk_layout"),
    )


def downgrade() -> None:
    op.drop_table("layout")
