"""Feeds: where each stands, and which articles its window shows."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.orm import Session

from feedsvc.domain.feed import Farewell, FeedContent, FeedState, Selection, Snapshot
from feedsvc.errors import NotFound
from feedsvc.store import labels, pictures, pins
from feedsvc.store.article_rows import article_of, rows_by_id
from feedsvc.store.columns import AnyRow, AnySelect, later
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.selections import (
    articles_of,
    belonging,
    changes_of,
    is_shown,
    number_of,
    placed_at,
)
from feedsvc.store.tables import ARTICLE, CATEGORY, CHANGE, FEED
from feedsvc.store.tables_desk import FAREWELL

EVERYTHING = labels.EVERYTHING
CORRECTIONS = "corrections"
# Readers keep what merely disappears, so a withdrawal is told this long although newer articles
# have pushed it out of the window.
NOTICE_TIME = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How much a feed shows: at least `least` entries and all of the newest `hours`, at most `most`."""

    least: int = 50
    hours: float = 48
    most: int = 200


def ensure_builtin(session: Session, now: datetime) -> None:
    """Create the feeds of everything and of all corrections where they are missing."""
    add(session, slug=EVERYTHING, category_id=None, titles=("全部", "全部栏目的文章"), now=now)
    titles = ("更正与撤稿", "更正和撤回的文章，最近更正的在前")
    if add(session, slug=CORRECTIONS, category_id=None, titles=titles, now=now):
        # Corrections may be older than their feed, where the service was brought up to date.
        touch(session, {CORRECTIONS: labels.last_correction(session)}, now)


def add(
    session: Session, *, slug: str, category_id: int | None, titles: tuple[str, str], now: datetime
) -> bool:
    """Create a feed with its own permanent guid; False if the slug is taken. `titles`: title, description."""
    statement = (
        insert_into(dialect_of(session), FEED)
        .values(
            slug=slug,
            guid=uuid.uuid4().urn,
            category_id=category_id,
            title=titles[0],
            description=titles[1],
            cursor=0,
            updated_at=now,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["slug"])
        .returning(FEED.c.id)
    )
    return session.execute(statement).first() is not None


def state(session: Session, slug: str) -> FeedState:
    """Return where one feed stands, by what stands below /feeds/ in its address; raises `NotFound`."""
    kind, _, name = slug.partition("/")
    if name:
        return labels.state(session, kind, name)
    row = session.execute(_select_feeds().where(FEED.c.slug == slug)).first()
    if row is None:
        raise NotFound(f"feed {slug}", "there is no such feed")
    return _state_of(row)


def states(session: Session) -> list[FeedState]:
    """Return where every standing feed is, by slug: those that are published whenever they change."""
    return [_state_of(row) for row in session.execute(_select_feeds().order_by(FEED.c.slug))]


def open_states(session: Session) -> list[FeedState]:
    """Return where every feed stands that was not retired, by slug."""
    return [each for each in states(session) if each.farewell is None]


def standing(session: Session, slug: str) -> FeedState:
    """Return where a feed stands that is published whenever it changes; raises `NotFound`."""
    if "/" in slug:
        raise NotFound(f"feed {slug}", "is none that can be set")
    return state(session, slug)


def set_content(session: Session, slug: str, content: FeedContent, cursor: int) -> None:
    """Let a feed carry full texts or summaries from a change on, at which every entry looks different."""
    session.execute(
        update(FEED).where(FEED.c.slug == slug).values(content=content, whole_since=cursor)
    )


def touch(session: Session, cursors: Mapping[str, int], now: datetime) -> None:
    """Move feeds to the cursor of the last change that touched each; `updated_at` never goes back."""
    rows = [
        {"of_slug": slug, "to_cursor": cursor, "to_time": now}
        for slug, cursor in sorted(cursors.items())
    ]
    session.execute(_TOUCH, rows)


_TOUCH = (
    update(FEED)
    .where(FEED.c.slug == bindparam("of_slug"))
    .values(
        cursor=bindparam("to_cursor"),
        updated_at=later(FEED.c.updated_at, bindparam("to_time", type_=FEED.c.updated_at.type)),
    )
)


def snapshot(session: Session, slug: str, window: Window) -> Snapshot:
    """Read one feed and the articles it shows, newest published first; raises `NotFound`.

    The window counts its hours back from the newest published article, never from the clock, so
    the same data gives the same window. Held articles are never in it. Withdrawn ones keep their
    place, and stay 30 days (up to the feed's `updated_at`) where they would have left the window;
    pinned ones stay until they are unpinned.
    Call it in `Database.read`, so that feed and articles belong together.
    """
    feed = state(session, slug)
    placed = _window(session, feed.selection, window)
    kept = pins.of(session, slug)
    shown = snapshot_of(session, feed, placed.keys() | _notice_ids(session, feed) | kept.keys())
    cursors = {number: max(cursor, kept.get(number, 0)) for number, cursor in shown.cursors.items()}
    return replace(
        shown,
        cursors=cursors,
        complete_since=max(shown.complete_since, feed.whole_since),
        pinned=frozenset(kept),
        oldest=min(placed.values(), default=None),
    )


def snapshot_of(session: Session, feed: FeedState, ids: set[int]) -> Snapshot:
    """Read these articles of a feed, newest published first."""
    rows = rows_by_id(session, sorted(ids))
    articles = sorted(
        map(article_of, rows.values()),
        key=lambda article: (feed.selection.placed_at(article), article.id),
        reverse=True,
    )
    return Snapshot(
        state=feed,
        articles=tuple(pictures.illustrated(session, articles)),
        cursors=_last_changes(session, ids),
        complete_since=_last_change_beside(session, feed.selection, ids),
    )


def _last_changes(session: Session, ids: Collection[int]) -> dict[int, int]:
    """Find the last change of each of these articles."""
    rows = session.execute(
        select(CHANGE.c.article_id, func.max(CHANGE.c.cursor))
        .where(CHANGE.c.article_id.in_(sorted(ids)))
        .group_by(CHANGE.c.article_id)
    )
    return {row[0]: row[1] for row in rows}


def _last_change_beside(session: Session, selection: Selection, ids: Collection[int]) -> int:
    """Find the feed's last change of an article that is not among these; 0 where there is none.

    It is found from the newest change backwards, so it takes as many steps as the window is long.
    """
    changes = changes_of(selection, last_only=False)
    cursor = changes.selected_columns.cursor
    beside = changes.where(changes.selected_columns.article_id.not_in(sorted(ids)))
    newest = beside.order_by(cursor.desc()).limit(1).with_only_columns(cursor)
    return session.execute(newest).scalar() or 0


def _window(session: Session, selection: Selection, window: Window) -> dict[int, datetime]:
    """Find the articles that are in the window by themselves, each with the time that places it."""
    at, number = placed_at(selection), number_of(selection)
    newest = (
        articles_of(selection, number.label("id"), at.label("at"))
        .where(is_shown())
        .order_by(at.desc(), number.desc())
        .limit(window.most)
    )
    rows = session.execute(newest).all()
    if not rows:
        return {}
    since = rows[0].at - timedelta(hours=window.hours)
    recent = sum(row.at >= since for row in rows)
    return {row.id: row.at for row in rows[: max(window.least, recent)]}


def _notice_ids(session: Session, feed: FeedState) -> set[int]:
    """Find the feed's recent withdrawals.

    All recent ones are found first, by nothing but their time: given another condition SQLite walks
    all articles by an index that it thinks narrower (175 ms at 200,000 articles, now 0.1).
    """
    withdrawn = select(ARTICLE.c.id, ARTICLE.c.shown, ARTICLE.c.public).where(
        ARTICLE.c.withdrawn_at >= feed.updated_at - NOTICE_TIME
    )
    recent = {row.id for row in session.execute(withdrawn) if row.shown and row.public}
    return belonging(session, feed.selection, recent)


def _select_feeds() -> AnySelect:
    return select(
        FEED.c.slug,
        FEED.c.guid,
        FEED.c.title,
        FEED.c.description,
        CATEGORY.c.slug.label("category"),
        FEED.c.cursor,
        FEED.c.updated_at,
        FEED.c.content,
        FEED.c.whole_since,
        *(column.label(f"farewell_{name}") for name, column in _FAREWELL.items()),
    ).select_from(
        FEED.outerjoin(CATEGORY, CATEGORY.c.id == FEED.c.category_id)
        .outerjoin(FAREWELL, FAREWELL.c.feed_id == FEED.c.id)
        .outerjoin(_SUCCESSOR, _SUCCESSOR.c.id == FAREWELL.c.successor_id)
    )


_SUCCESSOR = FEED.alias("successor")
_FAREWELL: dict[str, ColumnElement[Any]] = {
    "guid": FAREWELL.c.guid,
    "at": FAREWELL.c.at,
    "reason": FAREWELL.c.reason,
    "successor": _SUCCESSOR.c.slug,
    "successor_title": _SUCCESSOR.c.title,
    "cursor": FAREWELL.c.cursor,
    "over": FAREWELL.c.over,
}


def _state_of(row: AnyRow) -> FeedState:
    values = dict(row._mapping)
    farewell = {name: values.pop(f"farewell_{name}") for name in _FAREWELL}
    selection = Selection(
        category=values.pop("category"), corrections=values["slug"] == CORRECTIONS
    )
    return FeedState(
        selection=selection,
        farewell=Farewell(**farewell) if farewell["guid"] else None,
        **values,
    )
