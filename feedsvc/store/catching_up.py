"""Reading a feed beyond its window: what changed since a cursor, what is older, a month at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from feedsvc.domain.decision import ChangeKind
from feedsvc.domain.feed import FeedState, Snapshot
from feedsvc.errors import NotFound
from feedsvc.store import feeds
from feedsvc.store.columns import AnySelect
from feedsvc.store.selections import articles_of, changes_of, is_shown, number_of, placed_at
from feedsvc.store.tables import ARTICLE, CHANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """Up to `limit` articles that changed after a cursor; ask on from `last` while there is `more`."""

    snapshot: Snapshot
    last: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Part `part` of a month's articles, whether there are later parts, and what stands before the month.

    `before` is when the newest article of all earlier months was published, None where there is none.
    """

    snapshot: Snapshot
    part: int
    more: bool
    before: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One change: of which article, when that was published, and what kind of change it is."""

    cursor: int
    article_id: int
    kind: ChangeKind
    published_at: datetime


def changed_since(session: Session, slug: str, cursor: int, limit: int) -> Since:
    """Read the articles of a feed whose last change is later than `cursor`, in the order of changes.

    Each article comes once, as it is now. Raises `NotFound`.
    """
    state = feeds.state(session, slug)
    changes = changes_of(state.selection, last_only=True)
    at = changes.selected_columns.cursor
    wanted = changes.where(at > cursor).order_by(at).limit(limit + 1)
    rows = session.execute(wanted).all()
    more, rows = len(rows) > limit, rows[:limit]
    snapshot = feeds.snapshot_of(session, state, {row.article_id for row in rows})
    last = rows[-1].cursor if more else max(state.cursor, cursor)
    return Since(snapshot=snapshot, last=last, more=more)


def older_than(session: Session, slug: str, article_id: int, limit: int) -> tuple[Snapshot, bool]:
    """Read the `limit` articles that stand after one in a feed, and whether there are still more.

    Raises `NotFound` for an unknown feed or article.
    """
    state = feeds.state(session, slug)
    at, number = placed_at(state.selection), number_of(state.selection)
    # Also one that the feed has not, or has no longer, has a place in it.
    begins = select(ARTICLE.c.published_at).where(ARTICLE.c.id == article_id)
    if state.selection.corrections:
        begins = select(ARTICLE.c.updated_at).where(ARTICLE.c.id == article_id)
    start = session.execute(begins).scalar()
    if start is None:
        raise NotFound(f"article {article_id}", "there is no such article")
    older = or_(at < start, and_(at == start, number < article_id))
    wanted = (
        articles_of(state.selection, number)
        # Both conditions: the first alone is what an index can begin at.
        .where(at <= start, older, is_shown())
        .order_by(at.desc(), number.desc())
        .limit(limit + 1)
    )
    ids = session.execute(wanted).scalars().all()
    return feeds.snapshot_of(session, state, set(ids[:limit])), len(ids) > limit


def changes_after(session: Session, cursor: int, limit: int) -> list[Seen]:
    """Read the next `limit` changes of all feeds after a cursor, in their order."""
    rows = session.execute(
        select(CHANGE.c.cursor, CHANGE.c.article_id, CHANGE.c.kind, ARTICLE.c.published_at)
        .join(ARTICLE, ARTICLE.c.id == CHANGE.c.article_id)
        .where(CHANGE.c.cursor > cursor)
        .order_by(CHANGE.c.cursor)
        .limit(limit)
    )
    return [Seen(**row._mapping) for row in rows]


def places(session: Session, slug: str, ids: Collection[int]) -> dict[int, datetime]:
    """Return the times at which a feed places those of a few articles that it has.

    Most feeds place an article by when it was published, that of corrections by its last
    correction. Raises `NotFound`.
    """
    selection = feeds.state(session, slug).selection
    found = articles_of(selection, ARTICLE.c.id, placed_at(selection)).where(
        ARTICLE.c.id.in_(sorted(ids))
    )
    return {row[0]: row[1] for row in session.execute(found)}


def ids_between(session: Session, slug: str, start: datetime, end: datetime) -> list[int]:
    """Return the articles of a feed published in [start, end), in the order in which they came to us.

    Raises `NotFound`.
    """
    return list(session.scalars(_span(feeds.state(session, slug), start, end)))


def newest_before(session: Session, slug: str, end: datetime) -> datetime | None:
    """Return when the newest article of a feed before a time was published, None where there is none.

    Raises `NotFound`.
    """
    return _newest_before(session, feeds.state(session, slug), end)


def month(  # noqa: PLR0913 - a span of time and a place in it
    session: Session, slug: str, start: datetime, end: datetime, *, part: int | None, size: int
) -> Month:
    """Read part `part` (from 1; None: the last) of the articles published in [start, end).

    Parts hold `size` articles each in the order in which they came to us, so that an article that
    comes late lengthens the last part and moves nothing. Raises `NotFound` for an unknown feed and
    for a part that does not exist.
    """
    state = feeds.state(session, slug)
    if part is None:
        part = -(-_count_of_span(session, state, start, end) // size)
    chosen = _ids_of_span(session, state, start, end, part, size) if part > 0 else []
    if not chosen:
        raise NotFound(f"feed {slug}", "there is nothing of that month")
    return Month(
        snapshot=feeds.snapshot_of(session, state, set(chosen[:size])),
        part=part,
        more=len(chosen) > size,
        before=_newest_before(session, state, start),
    )


def _count_of_span(session: Session, state: FeedState, start: datetime, end: datetime) -> int:
    at = placed_at(state.selection)
    counted = articles_of(state.selection, func.count()).where(at >= start, at < end, is_shown())
    return int(session.execute(counted).scalar_one())


def _ids_of_span(  # noqa: PLR0913 - a span of time and a place in it
    session: Session, state: FeedState, start: datetime, end: datetime, part: int, size: int
) -> Sequence[int]:
    """Find the articles of one part, and the first one after it, from the window index alone."""
    wanted = _span(state, start, end).limit(size + 1).offset((part - 1) * size)
    return session.execute(wanted).scalars().all()


def _span(state: FeedState, start: datetime, end: datetime) -> AnySelect:
    """Return the query for what was published in a span, in the order in which it came to us.

    Not by the bare number: with a limit the databases would walk all articles in the order of their
    numbers, in the hope of finding enough of the span soon.
    """
    at, number = placed_at(state.selection), number_of(state.selection)
    # Corrections come in the order of their time, whichever article they are of.
    order = (at, number) if state.selection.corrections else (number + 0,)
    wanted = articles_of(state.selection, number).where(at >= start, at < end, is_shown())
    return wanted.order_by(*order)


def _newest_before(session: Session, state: FeedState, start: datetime) -> datetime | None:
    at = placed_at(state.selection)
    wanted = (
        articles_of(state.selection, at).where(at < start, is_shown()).order_by(at.desc()).limit(1)
    )
    return session.execute(wanted).scalar()
