"""Another word about a source's pictures, for what it published before as well."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedsvc.domain.article import Article
from feedsvc.domain.picture import PictureUse
from feedsvc.store import outbox, pictures, sources
from feedsvc.store.article_rows import article_of, rows_by_id
from feedsvc.store.changes import Logged, PublicChange, log_changes
from feedsvc.store.tables import ARTICLE, ARTICLE_PICTURE, SOURCE
from feedsvc.text.pictures import named_pictures

# More than any feed shows of one source.
NEWEST = 400


def set_use(session: Session, slug: str, use: PictureUse, now: datetime) -> Logged:
    """Say what is done with a source's pictures from now on, and have what shows some published anew.

    Copies that may not be shown any more are withheld when the errands are settled; where copies
    are allowed at last, those of the newest articles are wanted. Nothing happens where it is said
    already. Raises `NotFound`.
    """
    source = sources.get(session, slug)
    if source.pictures == use:
        return Logged()
    session.execute(update(SOURCE).where(SOURCE.c.id == source.id).values(pictures=use))
    newest = _newest(session, source.id)
    if use == "mirror":
        named = {each.id: named_pictures(each.content) for each in newest}
        pictures.note_revised(session, named, now)
    names = pictures.names_of(session, _with_pictures(session, source.id))
    logged = log_changes(session, [_seen_anew(each) for each in newest if _is_seen(each)], now, now)
    outbox.put_all(session, outbox.PICTURES, dict.fromkeys(names, logged.cursor), now)
    return logged


def _newest(session: Session, source_id: int) -> list[Article]:
    """The articles that feeds may show and that name pictures."""
    ids = session.scalars(
        select(ARTICLE.c.id)
        .where(ARTICLE.c.source_id == source_id, ARTICLE.c.status != "withdrawn")
        .order_by(ARTICLE.c.published_at.desc(), ARTICLE.c.id.desc())
        .limit(NEWEST)
    )
    found = map(article_of, rows_by_id(session, sorted(ids)).values())
    return sorted(
        (each for each in found if named_pictures(each.content)), key=lambda each: each.id
    )


def _with_pictures(session: Session, source_id: int) -> list[int]:
    ids = session.scalars(
        select(ARTICLE.c.id)
        .join(ARTICLE_PICTURE, ARTICLE_PICTURE.c.article_id == ARTICLE.c.id)
        .where(ARTICLE.c.source_id == source_id)
        .distinct()
    )
    return list(ids)


def _is_seen(article: Article) -> bool:
    return article.public and article.status != "held"


def _seen_anew(article: Article) -> PublicChange:
    """An entry that looks different: whoever asks for what has changed is to hear of it."""
    return PublicChange(
        article_id=article.id,
        revision=article.revision,
        kind="pictured",
        category=article.category,
    )
