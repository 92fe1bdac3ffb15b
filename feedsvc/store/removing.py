"""Removing a source with everything that came from it: for sample data, never for withdrawals."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedsvc.domain.decision import Changes
from feedsvc.store import clusters, cursor, feeds, labels, outbox, pictures, sources
from feedsvc.store.changes import log_relabelling
from feedsvc.store.feeds import CORRECTIONS, EVERYTHING, Window
from feedsvc.store.tables import (
    ALIAS,
    APPEARANCE,
    ARTICLE,
    ARTICLE_PICTURE,
    CANDIDATE,
    CHANGE,
    FEED_DOCUMENT,
    FILE_POSITION,
    LAYOUT,
    PAGE,
    RAW_RESPONSE,
    REVISION,
    RUN,
    SOURCE,
    SOURCE_STATE,
)
from feedsvc.store.tables_desk import PIN, RELEASE
from feedsvc.store.tables_house import FILTER

ONE = Window(least=1, hours=0, most=1)


def remove_source(session: Session, slug: str, now: datetime) -> Changes:
    """Delete a source, its runs, kept answers and articles, and ask for its feeds to be published anew.

    A feed that is left without any article loses its documents too: it begins again. Raises
    `NotFound`.
    """
    source = sources.get(session, slug)
    articles = select(ARTICLE.c.id).where(ARTICLE.c.source_id == source.id)
    clusters.dissolve(session, articles)
    names = pictures.names_of(session, list(session.scalars(articles)))
    labels.forget(session, articles, slug, cursor.allot(session, 1))
    for table in (PIN, RELEASE, ALIAS, ARTICLE_PICTURE, REVISION, CHANGE, APPEARANCE, CANDIDATE):
        session.execute(delete(table).where(table.c.article_id.in_(articles)))
    for table in (APPEARANCE, CANDIDATE, LAYOUT, PAGE):
        session.execute(delete(table).where(table.c.source_id == source.id))
    session.execute(delete(ARTICLE).where(ARTICLE.c.source_id == source.id))
    session.execute(delete(FILE_POSITION).where(FILE_POSITION.c.source_id == source.id))
    session.execute(delete(RAW_RESPONSE).where(RAW_RESPONSE.c.source_id == source.id))
    session.execute(delete(RUN).where(RUN.c.source_id == source.id))
    session.execute(delete(SOURCE_STATE).where(SOURCE_STATE.c.source_id == source.id))
    session.execute(delete(FILTER).where(FILTER.c.source_id == source.id))
    session.execute(delete(SOURCE).where(SOURCE.c.id == source.id))
    touched = (source.category, EVERYTHING, CORRECTIONS)
    logged = log_relabelling(session, touched, now, now)
    outbox.put_all(session, outbox.PICTURES, dict.fromkeys(names, logged.cursor), now)
    for feed in touched:
        if not feeds.snapshot(session, feed, ONE).articles:
            session.execute(delete(FEED_DOCUMENT).where(FEED_DOCUMENT.c.slug == feed))
    return Changes(feeds=logged.feeds, cursor=logged.cursor)
