"""Articles that an editor keeps in a feed's window, however old they are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from feedsvc.errors import Conflict, NotFound
from feedsvc.store.selections import is_shown
from feedsvc.store.tables import ARTICLE, FEED
from feedsvc.store.tables_desk import PIN

# More than a handful of "important" things is none.
MOST = 5


def of(session: Session, slug: str) -> dict[int, int]:
    """Return the articles that a feed keeps, each with the change that told of it.

    Those that can be read: a withdrawn one is told of like any other, and a hidden one not at all.
    """
    rows = session.execute(
        select(PIN.c.article_id, PIN.c.cursor)
        .join(FEED, FEED.c.id == PIN.c.feed_id)
        .join(ARTICLE, ARTICLE.c.id == PIN.c.article_id)
        .where(FEED.c.slug == slug, is_shown(), ARTICLE.c.status != "withdrawn")
        .order_by(PIN.c.article_id)
    )
    return {row.article_id: row.cursor for row in rows}


def add(session: Session, slug: str, article_id: int, cursor: int, now: datetime) -> None:
    """Keep one more article; take the cursor's lock first. Raises `Conflict` where there are enough."""
    feed_id = _feed_id(session, slug)
    count = select(func.count()).select_from(PIN).where(PIN.c.feed_id == feed_id)
    if session.execute(count).scalar_one() >= MOST:
        raise Conflict(f"feed {slug}", f"has {MOST} pinned articles; unpin one first")
    session.execute(
        insert(PIN).values(feed_id=feed_id, article_id=article_id, cursor=cursor, pinned_at=now)
    )


def remove(session: Session, slug: str, article_id: int) -> None:
    """Let an article go its way again; raises `NotFound` where it is not kept."""
    gone = (
        delete(PIN)
        .where(PIN.c.feed_id == _feed_id(session, slug), PIN.c.article_id == article_id)
        .returning(PIN.c.article_id)
    )
    if session.execute(gone).first() is None:
        raise NotFound(f"article {article_id}", f"is not pinned in {slug}")


def is_kept(session: Session, slug: str, article_id: int) -> bool:
    """Whether a feed keeps an article, also one that cannot be read at present."""
    kept = select(PIN.c.article_id).where(
        PIN.c.feed_id == _feed_id(session, slug), PIN.c.article_id == article_id
    )
    return session.execute(kept).first() is not None


def _feed_id(session: Session, slug: str) -> int:
    found = session.execute(select(FEED.c.id).where(FEED.c.slug == slug)).scalar()
    if found is None:
        raise NotFound(f"feed {slug}", "there is no such feed")
    return int(found)
