"""Files of articles that are being read: up to where, in the transaction of the batch that ends there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import FILE_POSITION


def position(session: Session, source_id: int, file: str) -> int:
    """Return where an unfinished import of this file goes on; 0 for one that is not under way."""
    found = session.execute(
        select(FILE_POSITION.c.position).where(
            FILE_POSITION.c.source_id == source_id, FILE_POSITION.c.file == file
        )
    ).scalar()
    return int(found or 0)


def reach(session: Session, source_id: int, file: str, position: int, now: datetime) -> None:
    """Note up to where a file has been read."""
    values = {"position": position, "at": now}
    session.execute(
        insert_into(dialect_of(session), FILE_POSITION)
        .values(source_id=source_id, file=file, **values)
        .on_conflict_do_update(index_elements=["source_id", "file"], set_=values)
    )


def finish(session: Session, source_id: int, file: str) -> None:
    """Forget a file that has been read to its end: another run reads it from its start."""
    session.execute(
        delete(FILE_POSITION).where(
            FILE_POSITION.c.source_id == source_id, FILE_POSITION.c.file == file
        )
    )
