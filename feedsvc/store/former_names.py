"""Names that feeds once had: they lead to the feed for good, whatever it is called now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from feedsvc.errors import Conflict
from feedsvc.store.tables import FEED
from feedsvc.store.tables_desk import FORMER_NAME


def current(session: Session, slug: str) -> str | None:
    """Return what the feed is called today that once had this name; None where there was none."""
    row = session.execute(
        select(FEED.c.slug)
        .join(FORMER_NAME, FORMER_NAME.c.feed_id == FEED.c.id)
        .where(FORMER_NAME.c.slug == slug)
    ).first()
    return None if row is None else str(row.slug)


def owner(session: Session, slug: str) -> int | None:
    """Return the number of the feed that once had this name; None where there was none."""
    return session.execute(select(FORMER_NAME.c.feed_id).where(FORMER_NAME.c.slug == slug)).scalar()


def require_unused(session: Session, slug: str) -> None:
    """Raise `Conflict` for a name that leads to another feed: its readers would change over."""
    if (now := current(session, slug)) is not None:
        raise Conflict(f"category {slug}", f"is the former name of {now}, and leads there for good")


def leave(session: Session, feed_id: int, slug: str, to: str, now: datetime) -> None:
    """Note that a feed has left one name for another; it may take back one of its own."""
    session.execute(
        delete(FORMER_NAME).where(FORMER_NAME.c.slug == to, FORMER_NAME.c.feed_id == feed_id)
    )
    session.execute(insert(FORMER_NAME).values(slug=slug, feed_id=feed_id, left_at=now))
