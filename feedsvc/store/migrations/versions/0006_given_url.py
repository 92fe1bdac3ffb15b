"""The address that an operator gave, where the first poll settled on a feed or rules that it found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source", sa.Column("given_url", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("source", "given_url")
