"""The one construct that SQLAlchemy spells per database: INSERT … ON CONFLICT."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def dialect_of(session: Session) -> str:
    """Return "sqlite" or "postgresql"."""
    return session.get_bind().dialect.name


def insert_into(dialect: str, table: Table) -> postgresql.Insert:
    """Return an INSERT that knows `on_conflict_do_update`, `on_conflict_do_nothing`, `excluded`.

    Typed as PostgreSQL's; SQLite's has the same methods with the same meaning.
    """
    if dialect == "sqlite":
        return sqlite.insert(table)  # type: ignore[return-value]
    return postgresql.insert(table)
