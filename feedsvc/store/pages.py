"""Article pages that are looked at again: which are due, and what they answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, true, update
from sqlalchemy.orm import Session

from feedsvc.domain.page import Page, PagesSeen
from feedsvc.domain.source import Validators
from feedsvc.store.columns import AnyRow, chunked, digest
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import PAGE
from feedsvc.text.urls import canonical

# Of one source at one poll: pages that left its list, the newest ones, and some of the others in turn.
MOST_LEFT = 20
NEWEST = 20
OTHERS = 5
# The others: not younger in our knowledge than this, not older than that.
OTHERS_EVERY = timedelta(hours=1)
GONE_EVERY = timedelta(days=1)
WATCHED_FOR = timedelta(days=30)


def due(
    session: Session,
    source_id: int,
    *,
    listed: Collection[str] | None,
    skipped: Collection[str],
    now: datetime,
) -> list[Page]:
    """Return the pages to look at in this poll, the most telling first, each once.

    Those that left the list since they were last looked at, then the newest, then the ones that
    were not looked at for the longest time. `listed` is as in `PagesSeen`, `skipped` what this
    poll has looked at already.
    """
    found: dict[bytes, AnyRow] = {}
    done = {_digest(link) for link in skipped}
    for rows in (
        _left(session, source_id, listed),
        _newest(session, source_id, NEWEST + len(done)),
        _others(session, source_id, now),
    ):
        found |= {row.digest: row for row in rows if row.digest not in done | found.keys()}
    return [_page_of(row) for row in found.values()]


def keep(session: Session, source_id: int, seen: PagesSeen, now: datetime) -> None:
    """Note what a poll learned of a source's pages."""
    if seen.listed is not None:
        _keep_listed(session, source_id, seen, now)
    rows = [_values(source_id, page, now) for page in seen.looked_at]
    if not rows:
        return
    statement = insert_into(dialect_of(session), PAGE)
    learned = ("checked_at", "gone_at", "etag", "last_modified", "body_hash")
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source_id", "digest"],
            set_={name: statement.excluded[name] for name in learned},
        ),
        sorted(rows, key=lambda row: bytes(row["digest"])),
    )


def _keep_listed(session: Session, source_id: int, seen: PagesSeen, now: datetime) -> None:
    listed = {_digest(link): (link, at) for link, at in (seen.listed or {}).items()}
    before = {row.digest for row in session.execute(_select().where(_of(source_id, listed=True)))}
    left, came = sorted(before - listed.keys()), sorted(listed.keys() - before)
    for part in chunked(left):
        session.execute(_update(source_id, part).values(listed=False, left_at=now))
    for part in chunked(came):
        session.execute(_update(source_id, part).values(listed=True, left_at=None))
    rows = [
        _values(source_id, Page(link=listed[key][0], published_at=listed[key][1]), now)
        | {"checked_at": None}
        for key in came
    ]
    if rows:
        statement = insert_into(dialect_of(session), PAGE)
        session.execute(statement.on_conflict_do_nothing(), rows)


def _values(source_id: int, page: Page, now: datetime) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "digest": _digest(page.link),
        "link": page.link,
        "published_at": page.published_at or now,
        "listed": True,
        "left_at": None,
        "checked_at": now,
        "gone_at": now if page.gone else None,
        "etag": page.validators.etag,
        "last_modified": page.validators.last_modified,
        "body_hash": page.validators.body_hash,
    }


def _left(session: Session, source_id: int, listed: Collection[str] | None) -> list[AnyRow]:
    waiting = PAGE.c.left_at.is_not(None) & or_(
        PAGE.c.checked_at.is_(None), PAGE.c.checked_at < PAGE.c.left_at
    )
    present = {_digest(link) for link in listed or ()}
    leaving = waiting if listed is None else or_(waiting, PAGE.c.listed == true())
    rows: Iterable[AnyRow] = session.execute(
        _select()
        .where(_of(source_id), PAGE.c.gone_at.is_(None), leaving)
        .order_by(PAGE.c.published_at.desc())
    )
    return [row for row in rows if row.digest not in present][:MOST_LEFT]


def _newest(session: Session, source_id: int, limit: int) -> list[AnyRow]:
    statement = _select().where(_of(source_id), PAGE.c.gone_at.is_(None))
    newest = statement.order_by(PAGE.c.published_at.desc(), PAGE.c.digest).limit(limit)
    return list(session.execute(newest))


def _others(session: Session, source_id: int, now: datetime) -> list[AnyRow]:
    quiet = or_(PAGE.c.checked_at.is_(None), PAGE.c.checked_at < now - OTHERS_EVERY)
    back = or_(PAGE.c.gone_at.is_(None), PAGE.c.checked_at < now - GONE_EVERY)
    statement = _select().where(
        _of(source_id), quiet, back, PAGE.c.published_at > now - WATCHED_FOR
    )
    return list(session.execute(statement.order_by(PAGE.c.checked_at, PAGE.c.digest).limit(OTHERS)))


def _select() -> Any:
    return select(
        PAGE.c.digest,
        PAGE.c.link,
        PAGE.c.published_at,
        PAGE.c.gone_at,
        PAGE.c.etag,
        PAGE.c.last_modified,
        PAGE.c.body_hash,
    )


def _of(source_id: int, *, listed: bool | None = None) -> ColumnElement[bool]:
    mine = PAGE.c.source_id == source_id
    return mine if listed is None else mine & (PAGE.c.listed == listed)


def _update(source_id: int, digests: Collection[bytes]) -> Any:
    return update(PAGE).where(PAGE.c.source_id == source_id, PAGE.c.digest.in_(digests))


def _page_of(row: AnyRow) -> Page:
    return Page(
        link=row.link,
        published_at=row.published_at,
        gone=row.gone_at is not None,
        validators=Validators(
            etag=row.etag, last_modified=row.last_modified, body_hash=row.body_hash
        ),
    )


def _digest(link: str) -> bytes:
    return digest(f"url:{canonical(link)}")
