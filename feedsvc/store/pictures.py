"""Pictures: which articles name which, and which of them readers may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, delete, exists, select, true, update
from sqlalchemy.orm import Session

from feedsvc.domain.article import Article
from feedsvc.domain.picture import Picture
from feedsvc.errors import StoreBusy
from feedsvc.store.bulk import insert_all
from feedsvc.store.columns import AnyRow, chunked, digest
from feedsvc.store.tables import ARTICLE, ARTICLE_PICTURE, PICTURE, SOURCE
from feedsvc.text.pictures import is_picture
from feedsvc.text.urls import registrable_domain

# A picture that could not be had is tried again for another article, but not the same day: a
# broken picture in a partner's template would be asked for with every article.
ANOTHER_TRY = timedelta(days=1)
_READABLE = ("live", "corrected")


def note_new(session: Session, named: Mapping[int, Sequence[str]], now: datetime) -> set[int]:
    """Note which pictures new articles name (article id → addresses), and want those we lack.

    Returns the articles that name a picture which we have already.
    """
    if not named:
        return set()
    known = _ensure(session, (url for urls in named.values() for url in urls), now)
    insert_all(session, ARTICLE_PICTURE, _rows(named, known))
    return {
        article_id
        for article_id, urls in named.items()
        if any(known[url].state == "kept" for url in urls)
    }


def note_revised(session: Session, named: Mapping[int, Sequence[str]], now: datetime) -> set[int]:
    """Note which pictures changed articles name now; return those that name or have named any."""
    if not named:
        return set()
    before = _links(session, list(named))
    known = _ensure(session, (url for urls in named.values() for url in urls), now)
    rows = _rows(named, known)
    wanted = {(row["article_id"], row["picture_id"]) for row in rows}
    fresh = [row for row in rows if (row["article_id"], row["picture_id"]) not in before]
    for pair, current in before.items():
        if current != (pair in wanted):
            _set_current(session, pair, current=not current)
    insert_all(session, ARTICLE_PICTURE, fresh)
    return {pair[0] for pair in before} | {row["article_id"] for row in fresh}


def illustrated(session: Session, articles: Sequence[Article]) -> list[Article]:
    """Return the articles with the pictures that we have of them, in one query for all."""
    ids = [article.id for article in articles if _may_show_pictures(article)]
    found: dict[int, list[Picture]] = {}
    for part in chunked(ids):
        had = _select_pictures(part).where(PICTURE.c.state.in_(("kept", "dropped")))
        for row in session.execute(had):
            found.setdefault(row.article_id, []).append(_picture_of(row))
    if not found:
        return list(articles)
    return [
        replace(article, pictures=tuple(found[article.id])) if article.id in found else article
        for article in articles
    ]


def of_article(session: Session, article_id: int) -> list[Picture]:
    """Return all pictures that an article names at present, however far we are with them."""
    rows = session.execute(_select_pictures([article_id]).order_by(PICTURE.c.id))
    return [_picture_of(row) for row in rows]


def shown_names(session: Session, names: Iterable[str]) -> set[str]:
    """Return those of the files (by hash) that some public article shows at present."""
    shown: set[str] = set()
    for part in chunked(sorted(set(names))):
        rows = session.execute(
            select(PICTURE.c.hash)
            .join(ARTICLE_PICTURE, ARTICLE_PICTURE.c.picture_id == PICTURE.c.id)
            .join(ARTICLE, ARTICLE.c.id == ARTICLE_PICTURE.c.article_id)
            .join(SOURCE, SOURCE.c.id == ARTICLE.c.source_id)
            .where(PICTURE.c.hash.in_(part), is_seen())
            .distinct()
        )
        shown.update(row.hash for row in rows)
    return shown


def names_of(session: Session, article_ids: Sequence[int]) -> set[str]:
    """Return the files (by hash) of all pictures that these articles name or have named."""
    found: set[str] = set()
    for part in chunked(article_ids):
        rows = session.execute(
            select(PICTURE.c.hash)
            .join(ARTICLE_PICTURE, ARTICLE_PICTURE.c.picture_id == PICTURE.c.id)
            .where(ARTICLE_PICTURE.c.article_id.in_(part), PICTURE.c.hash.is_not(None))
        )
        found.update(row.hash for row in rows)
    return found


def forget_unnamed(session: Session, before: datetime) -> int:
    """Delete pictures from before that time that no article names any more; return how many."""
    unnamed = ~exists().where(ARTICLE_PICTURE.c.picture_id == PICTURE.c.id)
    gone = session.execute(
        delete(PICTURE).where(PICTURE.c.created_at < before, unnamed).returning(PICTURE.c.id)
    )
    return len(gone.all())


def known_names(session: Session, names: Iterable[str]) -> set[str]:
    """Return those of the files (by hash) that some picture still has."""
    known: set[str] = set()
    for part in chunked(sorted(set(names))):
        rows = session.execute(select(PICTURE.c.hash).where(PICTURE.c.hash.in_(part)).distinct())
        known.update(row.hash for row in rows)
    return known


def is_seen() -> ColumnElement[bool]:
    """Return the condition that readers see a picture: joined with its article and source."""
    return (
        (ARTICLE_PICTURE.c.current == true())
        & (ARTICLE.c.public == true())
        & ARTICLE.c.status.in_(_READABLE)
        & (SOURCE.c.pictures == "mirror")
    )


def _ensure(session: Session, urls: Iterable[str], now: datetime) -> dict[str, AnyRow]:
    """Return the rows of these addresses, those of new ones wanted from now on.

    In the order of their digests, so that two polls with the same new pictures never wait for
    each other in turn. A row that was cleared away between the two statements is decided anew.
    """
    by_digest = {digest(url): url for url in urls}
    if not by_digest:
        return {}
    fresh = [_fresh(key, url, now) for key, url in sorted(by_digest.items())]
    insert_all(session, PICTURE, fresh, only_free=True)
    found: dict[str, AnyRow] = {}
    for part in chunked(sorted(by_digest)):
        known = session.execute(
            select(PICTURE.c.id, PICTURE.c.url, PICTURE.c.state, PICTURE.c.due_at)
            .where(PICTURE.c.digest.in_(part))
            .order_by(PICTURE.c.digest)
            .with_for_update(read=True, key_share=True)
        )
        found |= {row.url: row for row in known}
    if len(found) < len(by_digest):
        raise StoreBusy("pictures", "some were cleared away meanwhile; try again")
    _want_again(session, found.values(), now)
    return found


def _fresh(key: bytes, url: str, now: datetime) -> dict[str, Any]:
    return {
        "digest": key,
        "url": url,
        "domain": _domain_of(urlsplit(url).netloc),
        "state": "wanted",
        "tries": 0,
        "due_at": now,
        "lease": 0,
        "created_at": now,
    }


@lru_cache(maxsize=512)
def _domain_of(netloc: str) -> str:
    return registrable_domain(f"//{netloc}")


def _want_again(session: Session, rows: Iterable[AnyRow], now: datetime) -> None:
    again = [row.id for row in rows if row.state == "refused" and row.due_at < now - ANOTHER_TRY]
    if again:
        session.execute(
            update(PICTURE)
            .where(PICTURE.c.id.in_(again))
            .values(state="wanted", tries=0, due_at=now, error_kind=None)
        )


def _may_show_pictures(article: Article) -> bool:
    """Most articles have none: those cost no query."""
    return (
        article.picture_use == "mirror"
        and article.status != "withdrawn"
        and (
            "<img" in article.content.body_html or any(map(is_picture, article.content.enclosures))
        )
    )


def _rows(named: Mapping[int, Sequence[str]], known: Mapping[str, AnyRow]) -> list[dict[str, Any]]:
    pairs = {(article_id, known[url].id) for article_id, urls in named.items() for url in urls}
    return [
        {"article_id": article_id, "picture_id": picture_id, "current": True}
        for article_id, picture_id in sorted(pairs)
    ]


def _links(session: Session, article_ids: Sequence[int]) -> dict[tuple[int, int], bool]:
    found: dict[tuple[int, int], bool] = {}
    for part in chunked(article_ids):
        rows = session.execute(
            select(ARTICLE_PICTURE).where(ARTICLE_PICTURE.c.article_id.in_(part))
        )
        found |= {(row.article_id, row.picture_id): row.current for row in rows}
    return found


def _set_current(session: Session, pair: tuple[int, int], *, current: bool) -> None:
    article_id, picture_id = pair
    session.execute(
        update(ARTICLE_PICTURE)
        .where(
            ARTICLE_PICTURE.c.article_id == article_id, ARTICLE_PICTURE.c.picture_id == picture_id
        )
        .values(current=current)
    )


def _select_pictures(article_ids: Sequence[int]) -> Select[Any]:
    return (
        select(
            ARTICLE_PICTURE.c.article_id,
            PICTURE.c.url,
            PICTURE.c.state,
            PICTURE.c.hash,
            PICTURE.c.media_type,
            PICTURE.c.width,
            PICTURE.c.height,
            PICTURE.c.length,
            PICTURE.c.error_kind,
        )
        .join(PICTURE, PICTURE.c.id == ARTICLE_PICTURE.c.picture_id)
        .where(
            ARTICLE_PICTURE.c.article_id.in_(article_ids),
            ARTICLE_PICTURE.c.current == true(),
        )
    )


def _picture_of(row: AnyRow) -> Picture:
    return Picture(
        url=row.url,
        state=row.state,
        hash=row.hash or "",
        media_type=row.media_type or "",
        width=row.width or 0,
        height=row.height or 0,
        length=row.length or 0,
        error=row.error_kind or "",
    )
