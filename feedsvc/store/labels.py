"""Labels: the sources, tags and authors that readers find articles by, and all corrections.

They are written in the transaction that logs a change, after the cursor's lock is taken, so what a
label holds and the last change it had are exact in every state that anybody can read.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from feedsvc.domain.feed import FeedState, Selection
from feedsvc.errors import NotFound
from feedsvc.store.bulk import insert_all
from feedsvc.store.columns import AnyRow, AnySelect, chunked, later
from feedsvc.store.tables import ARTICLE, FEED, SOURCE
from feedsvc.store.tables_labels import LABEL, LABELLED
from feedsvc.text.labels import canonical_labels

SOURCES, TAGS, AUTHORS = "source", "tag", "author"
# All that was corrected or withdrawn; it has no name.
CORRECTIONS = ("corrections", "")
CORRECTED = frozenset({"corrected", "withdrawn"})
MOST_OF_A_KIND = 32
EVERYTHING = "all"

_TITLES = {SOURCES: "来源", TAGS: "标签", AUTHORS: "作者"}
_SELECTIONS: dict[str, Callable[[str], Selection]] = {
    SOURCES: lambda name: Selection(source=name),
    TAGS: lambda name: Selection(tag=name),
    AUTHORS: lambda name: Selection(author=name),
}

Name = tuple[str, str]


class Told(NamedTuple):
    """What whoever stores a new article knows of it, so that it is not read back for its labels."""

    source: str
    published_at: datetime
    tags: tuple[str, ...]
    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelling:
    """What the labels of some articles come to: rows that are new, and rows that come, go or move.

    `known` are the articles that may have had labels before.
    """

    added: Sequence[dict[str, Any]]
    changed: Sequence[Mapping[str, Any]]
    known: Collection[int]
    corrected: bool


def prepare(
    session: Session, new: Mapping[int, Told | None], revised: Collection[int], now: datetime
) -> Labelling:
    """Find what the labels of new and revised articles are to be, and make the labels that lack.

    New articles are live; of those that nothing is told about the facts are read.

    The articles must be stored and locked by this transaction. A withdrawn one keeps the labels it
    had, so that its notice stands where its text did.
    """
    told = {article: each for article, each in new.items() if each is not None}
    named = {article: _told_names(each) for article, each in told.items()}
    facts = _facts(session, {*new, *revised} - told.keys())
    had = _had(session, revised)
    wanted = {row.id: _names(row, had[row.id]) for row in facts}
    ids = _ids(session, {*chain(*named.values(), *wanted.values())}, now)
    added = [
        {
            "label_id": ids[name], "article_id": article, "current": True,
            "sorted_at": told[article].published_at,
        }
        for article, names in named.items()
        for name in names
    ]  # fmt: skip
    changed = []
    for row in facts:
        held = {each.label_id: each for each in had[row.id]}
        for name in wanted[row.id]:
            at = row.updated_at if name == CORRECTIONS else row.published_at
            values = {
                "label_id": ids[name], "article_id": row.id, "sorted_at": at, "current": True
            }  # fmt: skip
            before = held.pop(ids[name], None)
            if before is None:
                added.append(values)
            elif not before.current or before.sorted_at != at:
                changed.append(values)
        changed += [_gone(each) for each in held.values() if each.current]
    corrected = any(CORRECTIONS in names for names in wanted.values())
    return Labelling(added=added, changed=changed, known=sorted(revised), corrected=corrected)


def move(session: Session, labelling: Labelling, cursors: Mapping[int, int], now: datetime) -> int:
    """Carry it out: `cursors` has the change of each article, pictured ones included.

    Call it with the cursor's lock held. Returns the last change among corrections, 0 for none.
    """
    for row in labelling.added:
        row["cursor"] = cursors[row["article_id"]]
    insert_all(session, LABELLED, labelling.added)
    if labelling.changed:
        session.execute(_CHANGE, [_of(row) for row in labelling.changed])
    fresh = {row["article_id"] for row in labelling.added} - set(labelling.known)
    older = {article: cursor for article, cursor in cursors.items() if article not in fresh}
    if older:
        session.execute(
            _MOVE, [{"of_article": each, "to_cursor": at} for each, at in sorted(older.items())]
        )
    said = {"to_cursor": max(cursors.values()), "to_time": now}
    for part in chunked(sorted({row["label_id"] for row in labelling.added})):
        session.execute(_TOUCH, {"of_labels": part, **said})
    for part in chunked(sorted(older)):
        session.execute(_TOUCH_ALL, {"of_articles": part, **said})
    if not older and not labelling.corrected:
        return 0
    return _last_correction(session, sorted(cursors))


def state(session: Session, kind: str, name: str) -> FeedState:
    """Return where the feed of a source, tag or author stands; raises `NotFound`.

    Its guid comes of that of the feed of everything, so it stays when the service moves.
    """
    if kind not in _SELECTIONS:
        raise NotFound(f"feed {kind}", "there is no such feed")
    row = session.execute(
        select(LABEL.c.cursor, LABEL.c.updated_at).where(LABEL.c.kind == kind, LABEL.c.name == name)
    ).first()
    source = _source(session, name) if kind == SOURCES else None
    if row is None and source is None:
        raise NotFound(f"feed of a {kind}", "there is no such feed")
    slug = f"{kind}/{name}"
    root = session.execute(select(FEED.c.guid).where(FEED.c.slug == EVERYTHING)).scalar_one()
    return FeedState(
        slug=slug,
        guid=uuid.uuid5(uuid.UUID(root), slug).urn,
        title=_title(kind, name if source is None else source.title or name),
        description="",
        selection=_SELECTIONS[kind](name),
        cursor=row.cursor if row else 0,
        updated_at=row.updated_at if row else source.created_at,  # type: ignore[union-attr]
    )


def last_correction(session: Session) -> int:
    """Return the last change of anything corrected or withdrawn, 0 where there is none."""
    kind, name = CORRECTIONS
    found = session.execute(
        select(LABEL.c.cursor).where(LABEL.c.kind == kind, LABEL.c.name == name)
    )
    return found.scalar() or 0


def forget(session: Session, articles: AnySelect, source: str, cursor: int) -> None:
    """Take articles that are about to be deleted off their labels, which thereby change."""
    touched = select(LABELLED.c.label_id).where(LABELLED.c.article_id.in_(articles))
    session.execute(update(LABEL).where(LABEL.c.id.in_(touched)).values(cursor=cursor))
    session.execute(delete(LABELLED).where(LABELLED.c.article_id.in_(articles)))
    session.execute(delete(LABEL).where(LABEL.c.kind == SOURCES, LABEL.c.name == source))


_CHANGE = (
    update(LABELLED)
    .where(
        LABELLED.c.article_id == bindparam("of_article"),
        LABELLED.c.label_id == bindparam("of_label"),
    )
    .values(
        current=bindparam("is_current", type_=LABELLED.c.current.type),
        sorted_at=bindparam("to_time", type_=LABELLED.c.sorted_at.type),
    )
)
_MOVE = (
    update(LABELLED)
    .where(LABELLED.c.article_id == bindparam("of_article"))
    .values(cursor=bindparam("to_cursor"))
)
_MOVED = update(LABEL).values(
    cursor=bindparam("to_cursor"),
    updated_at=later(LABEL.c.updated_at, bindparam("to_time", type_=LABEL.c.updated_at.type)),
)
_TOUCH = _MOVED.where(LABEL.c.id.in_(bindparam("of_labels", expanding=True)))
# Those of articles that were there before, also labels that they have lost.
_TOUCH_ALL = _MOVED.where(
    LABEL.c.id.in_(
        select(LABELLED.c.label_id).where(
            LABELLED.c.article_id.in_(bindparam("of_articles", expanding=True))
        )
    )
)
_KNOWN = select(LABEL.c.id, LABEL.c.kind, LABEL.c.name).where(
    LABEL.c.name.in_(bindparam("of_names", expanding=True))
)


def _of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "of_article": row["article_id"],
        "of_label": row["label_id"],
        "is_current": row["current"],
        "to_time": row["sorted_at"],
    }


def _gone(row: AnyRow) -> dict[str, Any]:
    return {
        "article_id": row.article_id,
        "label_id": row.label_id,
        "current": False,
        "sorted_at": row.sorted_at,
    }


def _facts(session: Session, numbers: Collection[int]) -> list[AnyRow]:
    if not numbers:
        return []
    wanted = select(
        ARTICLE.c.id,
        ARTICLE.c.published_at,
        ARTICLE.c.updated_at,
        ARTICLE.c.status,
        ARTICLE.c.tags,
        ARTICLE.c.authors,
        SOURCE.c.slug.label("source"),
    ).join(SOURCE, SOURCE.c.id == ARTICLE.c.source_id)
    parts = chunked(sorted(numbers))
    return [row for part in parts for row in session.execute(wanted.where(ARTICLE.c.id.in_(part)))]


def _had(session: Session, numbers: Collection[int]) -> Mapping[int, list[AnyRow]]:
    if not numbers:
        return defaultdict(list)
    wanted = select(
        LABELLED.c.article_id,
        LABELLED.c.label_id,
        LABELLED.c.current,
        LABELLED.c.sorted_at,
        LABEL.c.kind,
        LABEL.c.name,
    ).join(LABEL, LABEL.c.id == LABELLED.c.label_id)
    had: dict[int, list[AnyRow]] = defaultdict(list)
    for part in chunked(sorted(numbers)):
        for row in session.execute(wanted.where(LABELLED.c.article_id.in_(part))):
            had[row.article_id].append(row)
    return had


def _told_names(told: Told) -> list[Name]:
    return _listed(told.source, told.tags, told.authors)


def _listed(source: str, tags: Sequence[str], authors: Sequence[str]) -> list[Name]:
    names: list[Name] = [(SOURCES, source)]
    names += [(TAGS, each) for each in canonical_labels(tags, MOST_OF_A_KIND)]
    names += [(AUTHORS, each) for each in canonical_labels(authors, MOST_OF_A_KIND)]
    return names


def _names(row: AnyRow, had: Iterable[AnyRow]) -> list[Name]:
    names: list[Name] = [CORRECTIONS] if row.status in CORRECTED else []
    current = [(each.kind, each.name) for each in had if each.current]
    if row.status == "withdrawn" and current:
        return [*dict.fromkeys([*names, *current])]
    return names + _listed(row.source, row.tags, row.authors)


def _ids(session: Session, names: Collection[Name], now: datetime) -> dict[Name, int]:
    found = _known_ids(session, names)
    lacking = sorted(set(names) - found.keys())
    if lacking:
        # In order, so that two transactions that make the same labels wait for each other one way.
        rows = [
            {"kind": kind, "name": name, "cursor": 0, "updated_at": now} for kind, name in lacking
        ]
        insert_all(session, LABEL, rows, only_free=True)
        found |= _known_ids(session, lacking)
    return found


def _known_ids(session: Session, names: Collection[Name]) -> dict[Name, int]:
    wanted = set(names)
    found: dict[Name, int] = {}
    for part in chunked(sorted({name for _, name in names})):
        rows = session.execute(_KNOWN, {"of_names": part})
        found |= {(kind, name): number for number, kind, name in rows if (kind, name) in wanted}
    return found


def _last_correction(session: Session, numbers: Sequence[int]) -> int:
    kind, name = CORRECTIONS
    label = select(LABEL.c.id).where(LABEL.c.kind == kind, LABEL.c.name == name)
    last = 0
    for part in chunked(numbers):
        found = session.execute(
            select(func.max(LABELLED.c.cursor)).where(
                LABELLED.c.article_id.in_(part), LABELLED.c.label_id == label.scalar_subquery()
            )
        )
        last = max(last, found.scalar() or 0)
    return last


def _source(session: Session, slug: str) -> AnyRow | None:
    return session.execute(
        select(SOURCE.c.title, SOURCE.c.created_at).where(SOURCE.c.slug == slug)
    ).first()


def _title(kind: str, name: str) -> str:
    return f"{_TITLES[kind]}：{name}"
