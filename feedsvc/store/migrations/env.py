"""What Alembic runs: the migrations, on the connection that `store.schema` hands over."""

from __future__ import annotations

from alembic import context

from feedsvc.store.columns import Base
from feedsvc.store.tables import FeedRow

# Importing the tables is what fills the metadata that migrations are compared with.
METADATA = FeedRow.metadata
assert METADATA is Base.metadata  # noqa: S101 - states what autogenerate relies on

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
