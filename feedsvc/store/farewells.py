"""The ends of feeds: a last entry, a while in which everybody sees it, and then nothing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from feedsvc.domain.feed import FeedDocument
from feedsvc.domain.source import is_own
from feedsvc.errors import Conflict, NotFound
from feedsvc.store import cursor, documents, feeds
from feedsvc.store.changes import Logged, log_relabelling
from feedsvc.store.tables import CATEGORY, FEED, SOURCE
from feedsvc.store.tables_desk import FAREWELL
from feedsvc.store.tables_house import FILTER


def retire(
    session: Session, slug: str, *, reason: str, successor: str | None, now: datetime
) -> Logged:
    """End a category's feed: it gets a last entry and is published with it; its articles stay.

    Sources and filters that name the category name `successor` from now on. Raises `NotFound`, and
    `Conflict` where it is retired already, is its own successor or has a retired one, or where
    sources or filters still feed it and there is no successor; they are named.
    """
    category_id, feed_id = _locked(session, slug)
    to = _locked(session, successor) if successor is not None else None
    _require_open(session, {slug: feed_id, **({successor: to[1]} if to and successor else {})})
    if to == (category_id, feed_id):
        raise Conflict(f"category {slug}", "cannot go on as itself")
    if to is not None:
        for table in (SOURCE, FILTER):
            session.execute(
                update(table).where(table.c.category_id == category_id).values(category_id=to[0])
            )
    elif feeding := _feeding(session, category_id):
        raise Conflict(f"category {slug}", f"still gets articles from {', '.join(feeding)}")
    number = cursor.allot(session, 1)
    session.execute(
        insert(FAREWELL).values(
            feed_id=feed_id,
            guid=uuid.uuid4().urn,
            at=now,
            reason=reason,
            successor_id=None if to is None else to[1],
            cursor=number,
            over=False,
        )
    )
    return log_relabelling(session, [slug], now, now)


def due(session: Session, before: datetime) -> list[str]:
    """Return the slugs of feeds that were retired before a moment and are still served."""
    rows = session.execute(
        select(FEED.c.slug)
        .join(FAREWELL, FAREWELL.c.feed_id == FEED.c.id)
        .where(FAREWELL.c.at <= before, ~FAREWELL.c.over)
        .order_by(FEED.c.slug)
    )
    return [row.slug for row in rows]


def end(session: Session, slug: str, now: datetime) -> Sequence[FeedDocument]:
    """Take a retired feed's documents away for good; returns what the shelf gets in their place.

    Nothing where it has been done already or the feed is not retired.
    """
    feed_id = select(FEED.c.id).where(FEED.c.slug == slug).scalar_subquery()
    ended = session.execute(
        update(FAREWELL)
        .where(FAREWELL.c.feed_id == feed_id, ~FAREWELL.c.over)
        .values(over=True)
        .returning(FAREWELL.c.feed_id)
    ).first()
    if ended is None:
        return ()
    number = cursor.allot(session, 1)
    feeds.touch(session, {slug: number}, now)
    return documents.put_away(session, slug, number, now)


def _locked(session: Session, slug: str) -> tuple[int, int]:
    """Find a category and its feed, and keep others from naming the category until the commit."""
    row = session.execute(
        select(CATEGORY.c.id, FEED.c.id.label("feed_id"))
        .join(FEED, FEED.c.category_id == CATEGORY.c.id)
        .where(CATEGORY.c.slug == slug)
        .with_for_update(of=CATEGORY)
    ).first()
    if row is None:
        raise NotFound(f"category {slug}", "there is no such category")
    return row.id, row.feed_id


def _require_open(session: Session, feeds_by_slug: dict[str, int]) -> None:
    for slug, feed_id in feeds_by_slug.items():
        retired = select(FAREWELL.c.feed_id).where(FAREWELL.c.feed_id == feed_id)
        if session.execute(retired).first() is not None:
            raise Conflict(f"category {slug}", "is retired already")


def _feeding(session: Session, category_id: int) -> list[str]:
    rows = session.execute(
        select(SOURCE.c.slug).where(SOURCE.c.category_id == category_id).order_by(SOURCE.c.slug)
    )
    filters = session.scalars(
        select(FILTER.c.id).where(FILTER.c.category_id == category_id).order_by(FILTER.c.id)
    )
    sources = [row.slug for row in rows if not is_own(row.slug)]
    return [*sources, *(f"filter {number}" for number in filters)]
