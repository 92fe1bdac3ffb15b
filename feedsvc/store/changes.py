"""The log of public changes: what a transaction does last, so that cursors appear in commit order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from feedsvc.domain.decision import ChangeKind
from feedsvc.store import cursor, feeds, labels, outbox
from feedsvc.store.bulk import insert_all
from feedsvc.store.columns import AnyRow, AnySelect
from feedsvc.store.tables import CATEGORY, CHANGE, FEED
from feedsvc.store.tables_desk import FORMER_NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicChange:
    """One thing that readers will see: a revision of an article in the feed of its category.

    `pictured`: it names or has named pictures, so that which of them are served is to be settled.
    `told`: of an article that is stored in this very transaction, what its labels come of.
    """

    article_id: int
    revision: int
    kind: ChangeKind
    category: str
    pictured: bool = False
    told: labels.Told | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What was logged: the feeds touched (sorted) and the last cursor; nothing and 0 for no change."""

    feeds: tuple[str, ...] = ()
    cursor: int = 0


def log_changes(
    session: Session, changes: Sequence[PublicChange], now: datetime, due_at: datetime
) -> Logged:
    """Number the changes, move the feeds they touch, and ask for these to be published at `due_at`.

    It takes the cursor's lock: call it after everything else.
    """
    if not changes:
        return Logged()
    named = sections(session, {change.category for change in changes})
    new = {change.article_id: change.told for change in changes if change.kind == "new"}
    # A picture's arrival changes no label, and its article is not locked.
    revised = {change.article_id for change in changes if change.kind != "pictured"} - new.keys()
    labelling = labels.prepare(session, new, revised, now)
    last = cursor.allot(session, len(changes))
    numbered = list(enumerate(changes, start=last - len(changes) + 1))
    rows = [
        {
            "cursor": number,
            "category_id": named[change.category].id,
            "article_id": change.article_id,
            "revision": change.revision,
            "kind": change.kind,
            "at": now,
        }
        for number, change in numbered
    ]
    insert_all(session, CHANGE, rows)
    pictured = {str(change.article_id): number for number, change in numbered if change.pictured}
    outbox.put_all(session, outbox.PICTURES, pictured, now)
    touched: dict[str, int] = {named[change.category].slug: number for number, change in numbered}
    touched[feeds.EVERYTHING] = last
    cursors = {change.article_id: number for number, change in numbered}
    if corrected := labels.move(session, labelling, cursors, now):
        touched[feeds.CORRECTIONS] = corrected
    return _tell(session, touched, now, due_at)


def sections(session: Session, slugs: set[str]) -> dict[str, AnyRow]:
    """Find sections by slug, and keep others from renaming them until the commit.

    Every transaction locks sections before the cursor, also the one that renames. One that was
    renamed since its slug was read is found by its former name.
    """
    found = {row.asked: row for row in session.execute(_BY_SLUG, {"of_slugs": sorted(slugs)})}
    if missing := slugs - found.keys():
        rows = session.execute(_BY_FORMER_NAME, {"of_slugs": sorted(missing)})
        found |= {row.asked: row for row in rows}
    return found


_ASKED: BindParameter[Any] = bindparam("of_slugs", expanding=True)


def _found_by(asked: ColumnElement[str]) -> AnySelect:
    return (
        select(asked.label("asked"), CATEGORY.c.slug, CATEGORY.c.id)
        .where(asked.in_(_ASKED))
        .order_by(CATEGORY.c.id)
        .with_for_update(of=CATEGORY, read=True, key_share=True)
    )


_BY_SLUG = _found_by(CATEGORY.c.slug)
_BY_FORMER_NAME = (
    _found_by(FORMER_NAME.c.slug)
    .join(FEED, FEED.c.category_id == CATEGORY.c.id)
    .join(FORMER_NAME, FORMER_NAME.c.feed_id == FEED.c.id)
)


def log_relabelling(
    session: Session, slugs: Sequence[str], now: datetime, due_at: datetime
) -> Logged:
    """Move feeds that look different although no article changed (a new title, say)."""
    last = cursor.allot(session, 1)
    return _tell(session, dict.fromkeys(slugs, last), now, due_at)


def _tell(session: Session, touched: dict[str, int], now: datetime, due_at: datetime) -> Logged:
    feeds.touch(session, touched, now)
    outbox.put_all(session, outbox.PUBLISH, touched, due_at)
    return Logged(feeds=tuple(sorted(touched)), cursor=max(touched.values()))
