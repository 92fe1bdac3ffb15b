"""Articles from files: one batch and the place it ended in one transaction, so that a kill costs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from feedsvc.domain.decision import Changes, Decision
from feedsvc.domain.source import Source
from feedsvc.errors import StoreBusy
from feedsvc.store.changes import log_changes
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.polls import origin_of
from feedsvc.store.save_articles import save_articles
from feedsvc.store.tables import FILE_POSITION, SOURCE_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file that is being read for a source, and up to where; None: to its end."""

    source: Source
    file: str
    position: int | None


def position(session: Session, source_id: int, file: str) -> int:
    """Return where an unfinished import of this file goes on; 0 for one that is not under way."""
    found = session.execute(
        select(FILE_POSITION.c.position).where(
            FILE_POSITION.c.source_id == source_id, FILE_POSITION.c.file == file
        )
    ).scalar()
    return int(found or 0)


def commit_batch(
    session: Session, decisions: Sequence[Decision], place: Place, now: datetime, debounce: float
) -> Changes:
    """Store one batch of a file and the place that it reaches.

    A source has one writer at a time: raises `StoreBusy` while it is being polled, and where
    another transaction came between decisions and commit. The caller decides again then.
    """
    _keep_polls_out(session, place.source, now)
    saved = save_articles(session, decisions, origin_of(session, place.source, decisions, now))
    _note(session, place, now)
    logged = log_changes(session, saved.changes, now, now + timedelta(seconds=debounce))
    return Changes(
        new=saved.new,
        updated=saved.updated,
        withdrawn=saved.withdrawn,
        feeds=logged.feeds,
        cursor=logged.cursor,
    )


def _keep_polls_out(session: Session, source: Source, now: datetime) -> None:
    """Lock the source's row until the commit, and outdate the token of a poll that fell silent."""
    expires_at = SOURCE_STATE.c.lease_expires_at
    row = session.execute(
        update(SOURCE_STATE)
        .where(SOURCE_STATE.c.source_id == source.id, or_(expires_at.is_(None), expires_at <= now))
        .values(lease=SOURCE_STATE.c.lease + 1)
        .returning(SOURCE_STATE.c.lease)
    ).first()
    if row is None:
        raise StoreBusy(f"source {source.slug}", "is being polled; try again")


def _note(session: Session, place: Place, now: datetime) -> None:
    key = (
        FILE_POSITION.c.source_id == place.source.id,
        FILE_POSITION.c.file == place.file,
    )
    if place.position is None:
        session.execute(delete(FILE_POSITION).where(*key))
        return
    values = {"position": place.position, "at": now}
    session.execute(
        insert_into(dialect_of(session), FILE_POSITION)
        .values(source_id=place.source.id, file=place.file, **values)
        .on_conflict_do_update(index_elements=["source_id", "file"], set_=values)
    )
