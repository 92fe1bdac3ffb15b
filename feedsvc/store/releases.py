"""Held articles that have a minute: embargoes of partners, and what editors have scheduled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from feedsvc.domain.release import Release
from feedsvc.store.columns import AnyRow, AnySelect, chunked
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables_desk import RELEASE


def put(session: Session, release: Release) -> None:
    """Set an article's minute, in place of one that it has."""
    statement = insert_into(dialect_of(session), RELEASE)
    names = ("at", "approved", "actor")
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["article_id"],
            set_={name: statement.excluded[name] for name in names},
        ),
        {
            "article_id": release.article_id,
            "at": release.at,
            "approved": release.approved,
            "actor": release.actor,
        },
    )


def follow(session: Session, embargoes: Mapping[int, datetime | None], actor: str) -> None:
    """Move minutes that this partner named to what it names now; an editor's word stays.

    None: it names one that cannot be read, so an editor is to say.
    """
    for article_id, at in sorted(embargoes.items(), key=lambda each: each[0]):
        known = of(session, [article_id]).get(article_id)
        if known is None or known.actor != actor:
            continue
        moved = replace(known, at=known.at if at is None else at)
        moved = replace(moved, approved=moved.approved and at is not None)
        if moved != known:
            put(session, moved)


def of(session: Session, article_ids: Sequence[int]) -> dict[int, Release]:
    """Return the minutes of those of these articles that have one."""
    found: dict[int, Release] = {}
    for part in chunked(article_ids):
        rows = session.execute(_select().where(RELEASE.c.article_id.in_(part)))
        found |= {row.article_id: _release_of(row) for row in rows}
    return found


def scheduled(session: Session, limit: int) -> list[Release]:
    """Return the articles that have a minute, the next one first."""
    rows = session.execute(_select().order_by(RELEASE.c.at, RELEASE.c.article_id).limit(limit))
    return [_release_of(row) for row in rows]


def is_due(session: Session, now: datetime) -> bool:
    """Whether the minute of any approved article has come."""
    due = exists().where(RELEASE.c.at <= now, RELEASE.c.approved)
    return bool(session.execute(select(due)).scalar())


def take_due(session: Session, now: datetime, limit: int) -> list[Release]:
    """Take articles whose minute has come, in the order of their numbers; nobody else gets them.

    They are gone when the transaction that releases them is committed, and there again where it is
    not: what a killed scheduler had begun is done by the next one, once.
    """
    due = (
        _select()
        .where(RELEASE.c.at <= now, RELEASE.c.approved)
        .order_by(RELEASE.c.article_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = [_release_of(row) for row in session.execute(due)]
    drop(session, [each.article_id for each in taken])
    return taken


def drop(session: Session, article_ids: Sequence[int]) -> None:
    """Forget the minutes of these articles."""
    if article_ids:
        session.execute(delete(RELEASE).where(RELEASE.c.article_id.in_(list(article_ids))))


def _select() -> AnySelect:
    return select(RELEASE.c.article_id, RELEASE.c.at, RELEASE.c.approved, RELEASE.c.actor)


def _release_of(row: AnyRow) -> Release:
    return Release(**row._mapping)
