"""Another word about a source's pictures, for what it published before as well."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedsvc.domain.picture import PictureUse
from feedsvc.store import outbox, pictures, sources
from feedsvc.store.article_rows import article_of, rows_by_id
from feedsvc.store.changes import Logged, log_relabelling
from feedsvc.store.feeds import EVERYTHING
from feedsvc.store.tables import ARTICLE, ARTICLE_PICTURE, CATEGORY, SOURCE
from feedsvc.text.pictures import named_pictures

# Where copies are allowed at last, those of the articles that feeds may still show are fetched.
NEWEST = 200


def set_use(session: Session, slug: str, use: PictureUse, now: datetime) -> Logged:
    """Say what is done with a source's pictures from now on, and have its feeds published anew.

    Copies that may not be shown any more are withheld when the errands are settled. Nothing
    happens where it is said already. Raises `NotFound`.
    """
    source = sources.get(session, slug)
    if source.pictures == use:
        return Logged()
    session.execute(update(SOURCE).where(SOURCE.c.id == source.id).values(pictures=use))
    if use == "mirror":
        _want(session, source.id, now)
    named = (
        select(ARTICLE.c.id)
        .join(ARTICLE_PICTURE, ARTICLE_PICTURE.c.article_id == ARTICLE.c.id)
        .where(ARTICLE.c.source_id == source.id)
        .distinct()
    )
    names = pictures.names_of(session, list(session.scalars(named)))
    logged = log_relabelling(session, _feeds(session, source.id), now, now)
    outbox.put_all(session, outbox.PICTURES, dict.fromkeys(names, logged.cursor), now)
    return logged


def _want(session: Session, source_id: int, now: datetime) -> None:
    newest = (
        select(ARTICLE.c.id)
        .where(ARTICLE.c.source_id == source_id, ARTICLE.c.status != "withdrawn")
        .order_by(ARTICLE.c.id.desc())
        .limit(NEWEST)
    )
    rows = rows_by_id(session, sorted(session.scalars(newest)))
    named = {row.id: named_pictures(article_of(row).content) for row in rows.values()}
    pictures.note_revised(session, {key: urls for key, urls in named.items() if urls}, now)


def _feeds(session: Session, source_id: int) -> list[str]:
    slugs = session.scalars(
        select(CATEGORY.c.slug)
        .join(ARTICLE, ARTICLE.c.category_id == CATEGORY.c.id)
        .where(ARTICLE.c.source_id == source_id)
        .distinct()
    )
    return sorted({*slugs, EVERYTHING})
