"""Leases on pictures that are to be fetched, and the end of a fetch: what becomes true in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, true, update
from sqlalchemy.orm import Session

from feedsvc.domain.picture import Raster
from feedsvc.errors import LeaseLost
from feedsvc.store.changes import Logged, PublicChange, log_changes
from feedsvc.store.columns import AnyRow
from feedsvc.store.pictures import is_seen
from feedsvc.store.tables import ARTICLE, ARTICLE_PICTURE, CATEGORY, PICTURE, SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPicture:
    """One picture leased to us. `referer` is the page that shows it, None where no article that
    may be shown names it any more; `demo`: it is our sample partner's."""

    id: int
    url: str
    domain: str
    tries: int
    lease: int
    referer: str | None
    demo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """The bytes of a picture as they are kept."""

    name: str
    raster: Raster
    length: int


def any_due(session: Session, now: datetime) -> bool:
    """Tell whether a picture is to be fetched now; cheap, and without a write."""
    return bool(session.execute(select(_due(now).exists())).scalar_one())


def claim(
    session: Session, now: datetime, *, seconds: float, sources: Sequence[str] = ()
) -> WantedPicture | None:
    """Lease the picture that has been due for longest, from a domain that nobody else is asking.

    `sources` (slugs) restricts it to pictures of their articles.
    """
    busy = select(PICTURE.c.domain).where(PICTURE.c.lease_expires_at > now)
    statement = _due(now).where(PICTURE.c.domain.not_in(busy))
    if sources:
        theirs = (
            select(ARTICLE_PICTURE.c.picture_id)
            .join(ARTICLE, ARTICLE.c.id == ARTICLE_PICTURE.c.article_id)
            .join(SOURCE, SOURCE.c.id == ARTICLE.c.source_id)
            .where(SOURCE.c.slug.in_(sources))
        )
        statement = statement.where(PICTURE.c.id.in_(theirs))
    due = statement.order_by(PICTURE.c.due_at, PICTURE.c.id).limit(1)
    row = session.execute(
        update(PICTURE)
        .where(PICTURE.c.id.in_(select(due.with_for_update(skip_locked=True).cte("due").c.id)))
        .values(lease=PICTURE.c.lease + 1, lease_expires_at=now + timedelta(seconds=seconds))
        .returning(PICTURE.c.id, PICTURE.c.url, PICTURE.c.domain, PICTURE.c.tries, PICTURE.c.lease)
    ).first()
    if row is None:
        return None
    page = _page_of(session, row.id)
    return WantedPicture(
        **row._mapping,
        referer=(page.link or page.url) if page else None,
        demo=bool(page and page.demo),
    )


def keep(
    session: Session, wanted: WantedPicture, file: KeptFile, now: datetime, due_at: datetime
) -> Logged:
    """Note that we have a picture, and ask for the feeds that show it to be published at `due_at`.

    Raises `LeaseLost` where another worker has taken it over.
    """
    raster = file.raster
    state = "dropped" if raster.is_tracker else "kept"
    values: dict[str, Any] = {"state": state, "error_kind": None, "due_at": now}
    if state == "kept":
        values |= {
            "hash": file.name,
            "media_type": raster.media_type,
            "width": raster.width,
            "height": raster.height,
            "length": file.length,
        }
    _end(session, wanted, values)
    return log_changes(session, _public_changes(session, wanted.id), now, due_at)


def refuse(session: Session, wanted: WantedPicture, error_kind: str, now: datetime) -> None:
    """Give a picture up: pages link to the partner's from now on, as they have till now."""
    _end(session, wanted, {"state": "refused", "error_kind": error_kind, "due_at": now})


def postpone(
    session: Session, wanted: WantedPicture, due_at: datetime, error_kind: str | None = None
) -> None:
    """Try a picture again at `due_at`; an `error_kind` counts as a try that failed."""
    failed = int(error_kind is not None)
    _end(
        session,
        wanted,
        {"due_at": due_at, "tries": PICTURE.c.tries + failed, "error_kind": error_kind},
    )


def _end(session: Session, wanted: WantedPicture, values: dict[str, Any]) -> None:
    row = session.execute(
        update(PICTURE)
        .where(PICTURE.c.id == wanted.id, PICTURE.c.lease == wanted.lease)
        .values(**values, lease=PICTURE.c.lease + 1, lease_expires_at=None)
        .returning(PICTURE.c.id)
    ).first()
    if row is None:
        raise LeaseLost(f"picture {wanted.id}", "another worker has taken over")


def _due(now: datetime) -> Any:
    return select(PICTURE.c.id).where(
        PICTURE.c.state == "wanted",
        PICTURE.c.due_at <= now,
        or_(PICTURE.c.lease_expires_at.is_(None), PICTURE.c.lease_expires_at <= now),
    )


def _page_of(session: Session, picture_id: int) -> AnyRow | None:
    """The first article that names the picture and may be shown with it, and its source."""
    return session.execute(
        select(ARTICLE.c.link, SOURCE.c.url, SOURCE.c.demo)
        .join(ARTICLE_PICTURE, ARTICLE_PICTURE.c.article_id == ARTICLE.c.id)
        .join(SOURCE, SOURCE.c.id == ARTICLE.c.source_id)
        .where(
            ARTICLE_PICTURE.c.picture_id == picture_id,
            ARTICLE_PICTURE.c.current == true(),
            ARTICLE.c.status != "withdrawn",
            SOURCE.c.pictures == "mirror",
        )
        .order_by(ARTICLE.c.id)
        .limit(1)
    ).first()


def _public_changes(session: Session, picture_id: int) -> list[PublicChange]:
    rows = session.execute(
        select(ARTICLE.c.id, ARTICLE.c.revision, CATEGORY.c.slug)
        .join(ARTICLE_PICTURE, ARTICLE_PICTURE.c.article_id == ARTICLE.c.id)
        .join(SOURCE, SOURCE.c.id == ARTICLE.c.source_id)
        .join(CATEGORY, CATEGORY.c.id == ARTICLE.c.category_id)
        .where(ARTICLE_PICTURE.c.picture_id == picture_id, is_seen())
        .order_by(ARTICLE.c.id)
    )
    return [
        PublicChange(
            article_id=row.id, revision=row.revision, kind="pictured", category=row.slug,
            pictured=True,
        )
        for row in rows
    ]  # fmt: skip
