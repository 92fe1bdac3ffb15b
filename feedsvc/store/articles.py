"""Articles: finding them by what partners call them, listing them, and revising one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.domain.article import Article, Content, Revision, Status
from feedsvc.domain.decision import ChangeKind, Changes
from feedsvc.domain.feed import ALL, Selection
from feedsvc.errors import NotFound
from feedsvc.store.article_rows import article_of, rows_by_id, select_articles
from feedsvc.store.changes import log_changes
from feedsvc.store.contents import content_columns, content_of
from feedsvc.store.engine import writes
from feedsvc.store.names import known, known_links
from feedsvc.store.revising import Revising, revise_all
from feedsvc.store.selections import articles_of, number_of, placed_at
from feedsvc.store.tables import ARTICLE, CATEGORY, REVISION, SOURCE

__all__ = [
    "NewRevision",
    "by_ids",
    "count",
    "find",
    "get",
    "known",
    "known_links",
    "latest",
    "revise",
    "revise_several",
    "revisions",
]

# Every number with this many digits fits into 64 bits.
MOST_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRevision:
    """What an editor makes of an article: its next state and why."""

    content: Content
    status: Status
    reason: str
    actor: str
    kind: ChangeKind
    edited_fields: tuple[str, ...]
    published_at: datetime | None = None


def get(session: Session, id_or_guid: int | str) -> Article:
    """Return one article by number or guid (a number in a string will do); raises `NotFound`.

    In a writing transaction nobody else can revise it until the commit, so that what is decided
    from it holds.
    """
    statement = select_articles()
    if isinstance(id_or_guid, int) or id_or_guid.isdecimal():
        # A number beyond the column's range names nothing, and 0 names nothing.
        number = int(id_or_guid) if len(str(id_or_guid)) <= MOST_DIGITS else 0
        statement = statement.where(ARTICLE.c.id == number)
    else:
        statement = statement.where(ARTICLE.c.guid == id_or_guid)
    if writes(session):
        statement = statement.with_for_update(of=ARTICLE, key_share=True)
    row = session.execute(statement).first()
    if row is None:
        raise NotFound(f"article {id_or_guid}", "there is no such article")
    return article_of(row)


def find(  # noqa: PLR0913 - each filter is a keyword
    session: Session,
    *,
    category: str | None = None,
    source: str | None = None,
    status: Status | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Article]:
    """List articles, last stored first; `before_id` (the last id of a page) gives the page after it."""
    statement = select_articles().order_by(ARTICLE.c.id.desc()).limit(limit)
    if category is not None:
        statement = statement.where(CATEGORY.c.slug == category)
    if source is not None:
        statement = statement.where(SOURCE.c.slug == source)
    if status is not None:
        statement = statement.where(ARTICLE.c.status == status)
    if before_id is not None:
        statement = statement.where(ARTICLE.c.id < min(before_id, 10**MOST_DIGITS))
    return [article_of(row) for row in session.execute(statement)]


def count(session: Session, source_id: int) -> int:
    """Count the articles that first came from a source, withdrawn ones included."""
    statement = select(func.count()).select_from(ARTICLE).where(ARTICLE.c.source_id == source_id)
    return int(session.execute(statement).scalar_one())


def by_ids(session: Session, ids: Sequence[int]) -> list[Article]:
    """Return the articles with these numbers, in their order; unknown ones are left out."""
    rows = rows_by_id(session, ids)
    return [article_of(rows[each]) for each in ids if each in rows]


def latest(session: Session, *, selection: Selection = ALL, limit: int) -> list[Article]:
    """Return the newest published articles of a selection that can be read now.

    The condition says which states are left out: one that names the states wanted makes SQLite
    gather all of them by their index and sort.
    """
    at, number = placed_at(selection), number_of(selection)
    wanted = (
        articles_of(selection, number)
        .where(ARTICLE.c.shown, ARTICLE.c.status.not_in(("withdrawn", "held")))
        .order_by(at.desc(), number.desc())
        .limit(limit)
    )
    return by_ids(session, session.scalars(wanted).all())


def revisions(session: Session, article_id: int) -> list[Revision]:
    """Return every kept state of an article, the first one first; none for an unknown article."""
    rows = session.execute(
        select(
            *content_columns(REVISION),
            REVISION.c.number,
            REVISION.c.status,
            REVISION.c.reason,
            REVISION.c.actor,
            REVISION.c.at,
        )
        .where(REVISION.c.article_id == article_id)
        .order_by(REVISION.c.number)
    )
    return [
        Revision(
            number=row.number,
            content=content_of(row),
            status=row.status,
            reason=row.reason,
            actor=row.actor,
            at=row.at,
        )
        for row in rows
    ]


def revise(session: Session, article_id: int, revision: NewRevision, now: datetime) -> Changes:
    """Give one article its next state, log the change, and ask for its feeds to be published.

    Raises `NotFound`. Read the article with `get` in the same transaction.
    """
    return revise_several(session, {article_id: revision}, now)


def revise_several(
    session: Session, revisions: Mapping[int, NewRevision], now: datetime
) -> Changes:
    """Give articles their next states, as `revise` does with one."""
    revisings = [
        Revising(
            article_id=article_id,
            base=get(session, article_id).revision,
            content=revision.content,
            status=revision.status,
            reason=revision.reason,
            actor=revision.actor,
            kind=revision.kind,
            updated_at=now,
            edited_fields=revision.edited_fields,
            published_at=revision.published_at,
        )
        for article_id, revision in sorted(revisions.items())
    ]
    seen = revise_all(session, revisings, now)
    logged = log_changes(session, seen, now, now)
    withdrawn = sum(each.status == "withdrawn" for each in revisings)
    return Changes(
        updated=len(revisings) - withdrawn,
        withdrawn=withdrawn,
        feeds=logged.feeds,
        cursor=logged.cursor,
    )
