"""Partners' answers that are kept for a while, and the leases on chores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "raw_response",
        sa.Column("id", KEY),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("url_digest", sa.LargeBinary(), nullable=False),
        sa.Column("asked_url", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fetched_at", TIME, nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("content_location", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("stored_size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_raw_response_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_raw_response"),
    )
    index("source_id", "url_digest", "body_hash", unique=True)
    index("source_id", "kind", "fetched_at")
    index("fetched_at")
    index("body_hash")
    op.create_table(
        "chore",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("lease", sa.BigInteger(), nullable=False),
        sa.Column("lease_expires_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_chore"),
    )


def downgrade() -> None:
    op.drop_table("chore")
    op.drop_table("raw_response")


def index(*columns: str, unique: bool = False) -> None:
    name = f"ix_raw_response_{'_'.join(columns)}"
    op.create_index(name, "raw_response", list(columns), unique=unique)
