"""Sources: what operators said about partners."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from feedsvc.domain.source import Source, SourceKind, SourceState
from feedsvc.errors import Conflict, NotFound
from feedsvc.store import categories
from feedsvc.store.columns import AnyRow, AnySelect
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import CATEGORY, LAYOUT, SOURCE, SOURCE_STATE


def add(session: Session, source: Source, now: datetime) -> bool:
    """Store a source and make it due at once.

    False if it is there already with equal values; raises `Conflict` if with others or if its
    category is retired, `NotFound` if there is none. Being paused, and what a poll settled (kind, title), are no
    difference.
    """
    category = categories.get_open(session, source.category)
    source = replace(source, category=category.slug)
    statement = (
        insert_into(dialect_of(session), SOURCE)
        .values(
            slug=source.slug,
            url=source.url,
            category_id=category.id,
            title=source.title,
            kind=source.kind,
            policy=source.policy,
            on_withdrawal=source.on_withdrawal,
            recheck=source.recheck,
            every_seconds=source.every_seconds,
            timezone=source.timezone,
            charset=source.charset,
            rules=dict(source.rules),
            given_url=source.given_url,
            demo=source.demo,
            pictures=source.pictures,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["slug"])
        .returning(SOURCE.c.id)
    )
    row = session.execute(statement).first()
    if row is None:
        return _same_as(get(session, source.slug), source)
    state = {"source_id": row.id, "paused": source.paused, "due_at": now}
    session.execute(insert(SOURCE_STATE).values(**state, lease=0, failures=0, had_items=False))
    return True


def get(session: Session, slug: str) -> Source:
    """Return one source; raises `NotFound`."""
    row = session.execute(select_sources().where(SOURCE.c.slug == slug)).first()
    if row is None:
        raise not_found(slug)
    return source_of(row)


def polled_at(session: Session, urls: Collection[str]) -> int:
    """Return the number of the source that one of these addresses was given or settled for; 0 for none."""
    at_one = or_(SOURCE.c.url.in_(urls), SOURCE.c.given_url.in_(urls))
    row = session.execute(select(SOURCE.c.id).where(at_one).order_by(SOURCE.c.id)).first()
    return row.id if row is not None else 0


def all_sources(session: Session) -> list[Source]:
    """Return every source in the order of their creation."""
    return [source_of(row) for row in session.execute(select_sources().order_by(SOURCE.c.id))]


def set_paused(session: Session, slug: str, paused: bool, now: datetime) -> None:  # noqa: FBT001 - the state itself
    """Stop polling a source, or go on: it is then due at once. Raises `NotFound`."""
    changed: dict[str, Any] = {"paused": paused}
    if not paused:
        changed["due_at"] = now
    source_id = select(SOURCE.c.id).where(SOURCE.c.slug == slug).scalar_subquery()
    row = session.execute(
        update(SOURCE_STATE)
        .where(SOURCE_STATE.c.source_id == source_id)
        .values(changed)
        .returning(SOURCE_STATE.c.lease)
    ).first()
    if row is None:
        raise not_found(slug)


def settle_title(session: Session, source_id: int, title: str) -> None:
    """Keep the name that a source's own document bears; a name that an operator gave stays."""
    session.execute(_SETTLE_TITLE, {"of_source": source_id, "to_title": title})


# Made once: every poll of a feed with a name comes here.
_SETTLE_TITLE = (
    update(SOURCE)
    .where(SOURCE.c.id == bindparam("of_source"), SOURCE.c.title == "")
    .values(title=bindparam("to_title"))
)


def relocate(session: Session, slug: str, url: str, now: datetime) -> None:
    """Poll a source at another address from now on, due at once if it is another. Raises `NotFound`."""
    known = get(session, slug)
    if known.url == url:
        return
    session.execute(update(SOURCE).where(SOURCE.c.id == known.id).values(url=url))
    fresh = {"due_at": now, "etag": None, "last_modified": None, "body_hash": None}
    session.execute(update(SOURCE_STATE).where(SOURCE_STATE.c.source_id == known.id).values(fresh))


def set_rules(session: Session, slug: str, rules: Mapping[str, Any], now: datetime) -> None:
    """Read a source by other rules from now on, due at once and unconditionally. Raises `NotFound`.

    How its pages usually look is learned anew: other rules see them otherwise.
    """
    known = get(session, slug)
    session.execute(delete(LAYOUT).where(LAYOUT.c.source_id == known.id))
    session.execute(update(SOURCE).where(SOURCE.c.id == known.id).values(rules=dict(rules)))
    fresh = {"due_at": now, "etag": None, "last_modified": None, "body_hash": None}
    session.execute(update(SOURCE_STATE).where(SOURCE_STATE.c.source_id == known.id).values(fresh))


def settle_kind(session: Session, source_id: int, kind: SourceKind) -> None:
    """Keep what the first poll found the source to be; a kind that an operator gave stays."""
    session.execute(
        update(SOURCE).where(SOURCE.c.id == source_id, SOURCE.c.kind == "auto").values(kind=kind)
    )


def settle_discovery(session: Session, source_id: int, found: Source) -> None:
    """Poll a source of unknown kind as what its first poll found: its kind, address and rules."""
    session.execute(
        update(SOURCE)
        .where(SOURCE.c.id == source_id, SOURCE.c.kind == "auto")
        .values(kind=found.kind, url=found.url, rules=dict(found.rules), given_url=found.given_url)
    )


def state(session: Session, slug: str) -> SourceState:
    """Return where polling of one source stands; raises `NotFound`."""
    row = session.execute(
        select(
            SOURCE_STATE.c.due_at,
            SOURCE_STATE.c.lease,
            SOURCE_STATE.c.lease_expires_at,
            SOURCE_STATE.c.failures,
        )
        .join(SOURCE, SOURCE.c.id == SOURCE_STATE.c.source_id)
        .where(SOURCE.c.slug == slug)
    ).first()
    if row is None:
        raise not_found(slug)
    return SourceState(**row._mapping)


def select_sources() -> AnySelect:
    """Return the query for sources; add a WHERE to it."""
    return (
        select(
            SOURCE.c.id,
            SOURCE.c.slug,
            SOURCE.c.url,
            CATEGORY.c.slug.label("category"),
            SOURCE.c.title,
            SOURCE.c.kind,
            SOURCE.c.policy,
            SOURCE.c.on_withdrawal,
            SOURCE.c.recheck,
            SOURCE.c.every_seconds,
            SOURCE.c.timezone,
            SOURCE.c.charset,
            SOURCE.c.rules,
            SOURCE.c.given_url,
            SOURCE.c.demo,
            SOURCE.c.pictures,
            SOURCE_STATE.c.paused,
            SOURCE.c.created_at,
        )
        .join(CATEGORY, CATEGORY.c.id == SOURCE.c.category_id)
        .join(SOURCE_STATE, SOURCE_STATE.c.source_id == SOURCE.c.id)
    )


def source_of(row: AnyRow) -> Source:
    """Turn one row of `select_sources` into a value."""
    return Source(**row._mapping)


def not_found(slug: str) -> NotFound:
    """Return the error for a slug that no source has."""
    return NotFound(f"source {slug}", "there is no such source")


def _same_as(stored: Source, given: Source) -> bool:
    if stored.given_url is not None and given.kind == "auto":
        # What a poll discovered is no difference: the same was said.
        stored = replace(stored, url=stored.given_url, rules=_said(stored, given))
    kind = stored.kind if given.kind == "auto" else given.kind
    wanted = replace(
        given,
        id=stored.id,
        kind=kind,
        title=given.title or stored.title,
        rules=dict(given.rules),
        given_url=stored.given_url,
        paused=stored.paused,
        created_at=stored.created_at,
    )
    if wanted != stored:
        raise Conflict(f"source {given.slug}", "exists with other values")
    return False


def _said(stored: Source, given: Source) -> dict[str, Any]:
    """The stored rules without the list that a poll proposed, unless the operator gives one now."""
    dropped = set() if "list" in given.rules else {"list"}
    return {key: value for key, value in stored.rules.items() if key not in dropped}
