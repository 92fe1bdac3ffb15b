"""The house's filters and words: kept, listed, and read once for every poll."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select
from sqlalchemy.orm import Session

from feedsvc.domain.screening import Condition, Filter, House, HouseWord, Rewrite
from feedsvc.errors import NotFound
from feedsvc.store import categories, sources
from feedsvc.store.columns import AnyRow, AnySelect
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import CATEGORY, SOURCE
from feedsvc.store.tables_house import FILTER, HOUSE_WORD


def load(session: Session, source_id: int) -> House:
    """Return what applies to one source's drafts."""
    rows = session.execute(_mine(), {"of_source": source_id})
    return House(filters=tuple(map(_filter_of, rows)), words=tuple(words(session)))


def filters(session: Session) -> list[Filter]:
    """Return every filter in the order in which they are asked."""
    return [_filter_of(row) for row in session.execute(_select_filters().order_by(FILTER.c.id))]


def add_filter(session: Session, wanted: Filter, now: datetime) -> Filter:
    """Store a filter after all others; raises `NotFound` for its source or category.

    `Conflict` where the category is retired.
    """
    source = sources.get(session, wanted.source) if wanted.source else None
    category = categories.get_open(session, wanted.category) if wanted.category else None
    row = session.execute(
        insert(FILTER)
        .values(
            source_id=source and source.id,
            conditions=[asdict(each) for each in wanted.conditions],
            act=wanted.act,
            category_id=category and category.id,
            rewrite=wanted.rewrite and asdict(wanted.rewrite),
            note=wanted.note,
            created_at=now,
        )
        .returning(FILTER.c.id)
    ).one()
    stored = session.execute(_select_filters().where(FILTER.c.id == row.id)).one()
    return _filter_of(stored)


def remove_filter(session: Session, filter_id: int) -> None:
    """Forget a filter; what it did stays done. Raises `NotFound`."""
    gone = delete(FILTER).where(FILTER.c.id == filter_id).returning(FILTER.c.id)
    if session.execute(gone).first() is None:
        raise NotFound(f"filter {filter_id}", "there is no such filter")


def words(session: Session) -> list[HouseWord]:
    """Return every house word, the first one first."""
    return [HouseWord(**row._mapping) for row in session.execute(_WORDS)]


def put_words(session: Session, wanted: Sequence[HouseWord], now: datetime) -> int:
    """Store words; one that is there takes the new kind and advice. Return how many were new."""
    known = {word.text for word in words(session)}
    rows: list[dict[str, Any]] = [
        {"text": each.text, "kind": each.kind, "advice": each.advice, "created_at": now}
        for each in {each.text: each for each in wanted}.values()
    ]
    if not rows:
        return 0
    statement = insert_into(dialect_of(session), HOUSE_WORD)
    statement = statement.on_conflict_do_update(
        index_elements=["text"],
        set_={"kind": statement.excluded.kind, "advice": statement.excluded.advice},
    )
    session.execute(statement, rows)
    return sum(row["text"] not in known for row in rows)


def remove_word(session: Session, text: str) -> None:
    """Forget a word; raises `NotFound`."""
    gone = delete(HOUSE_WORD).where(HOUSE_WORD.c.text == text).returning(HOUSE_WORD.c.id)
    if session.execute(gone).first() is None:
        raise NotFound(f"word {text}", "there is no such house word")


_WORDS = select(
    HOUSE_WORD.c.id,
    HOUSE_WORD.c.text,
    HOUSE_WORD.c.kind,
    HOUSE_WORD.c.advice,
    HOUSE_WORD.c.created_at,
).order_by(HOUSE_WORD.c.id)


@cache
def _mine() -> AnySelect:
    """Made once: every poll asks."""
    mine = or_(FILTER.c.source_id.is_(None), FILTER.c.source_id == bindparam("of_source"))
    return _select_filters().where(mine).order_by(FILTER.c.id)


def _select_filters() -> AnySelect:
    return (
        select(
            FILTER.c.id,
            SOURCE.c.slug.label("source"),
            FILTER.c.conditions,
            FILTER.c.act,
            CATEGORY.c.slug.label("category"),
            FILTER.c.rewrite,
            FILTER.c.note,
            FILTER.c.created_at,
        )
        .outerjoin(SOURCE, SOURCE.c.id == FILTER.c.source_id)
        .outerjoin(CATEGORY, CATEGORY.c.id == FILTER.c.category_id)
    )


def _filter_of(row: AnyRow) -> Filter:
    return Filter(
        id=row.id,
        source=row.source,
        conditions=tuple(Condition(**each) for each in row.conditions),
        act=row.act,
        category=row.category,
        rewrite=Rewrite(**row.rewrite) if row.rewrite else None,
        note=row.note,
        created_at=row.created_at,
    )
