"""Categories: the editorial sections, each with a feed of its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedsvc.domain.feed import Category
from feedsvc.errors import Conflict, NotFound
from feedsvc.store import feeds, outbox
from feedsvc.store.changes import Logged, log_relabelling
from feedsvc.store.columns import AnyRow, AnySelect
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import CATEGORY, FEED

# Addresses below /feeds/ that mean something else.
RESERVED_SLUGS = frozenset(
    {"all", "corrections", "source", "tag", "author", "dossier", "search", "private"}
)


def add(session: Session, category: Category, now: datetime) -> bool:
    """Create a category, its feed, and the wish to have that published.

    False if it is there already with equal values; raises `Conflict` if with others, or if the
    slug is reserved.
    """
    if category.slug in RESERVED_SLUGS:
        raise Conflict(f"category {category.slug}", "the name is reserved")
    statement = (
        insert_into(dialect_of(session), CATEGORY)
        .values(
            slug=category.slug,
            title=category.title,
            description=category.description,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["slug"])
        .returning(CATEGORY.c.id)
    )
    row = session.execute(statement).first()
    if row is None:
        return _same_as(get(session, category.slug), category)
    titles = (category.title, category.description)
    if not feeds.add(session, slug=category.slug, category_id=row.id, titles=titles, now=now):
        raise Conflict(f"category {category.slug}", "a feed has that name")
    outbox.put(session, outbox.PUBLISH, category.slug, 0, now)
    return True


def get(session: Session, slug: str) -> Category:
    """Return one category; raises `NotFound`."""
    row = session.execute(_select_categories().where(CATEGORY.c.slug == slug)).first()
    if row is None:
        raise NotFound(f"category {slug}", "there is no such category")
    return _category_of(row)


def all_categories(session: Session) -> list[Category]:
    """Return every category in the order of their creation."""
    return [
        _category_of(row) for row in session.execute(_select_categories().order_by(CATEGORY.c.id))
    ]


def rename_title(session: Session, slug: str, title: str, now: datetime) -> Logged:
    """Give a category another title; its feed and the feed of everything are published anew.

    The slug, and with it every address, stays. Raises `NotFound`.
    """
    if get(session, slug).title == title:
        return Logged()
    session.execute(update(CATEGORY).where(CATEGORY.c.slug == slug).values(title=title))
    session.execute(update(FEED).where(FEED.c.slug == slug).values(title=title))
    return log_relabelling(session, (slug, feeds.EVERYTHING, feeds.CORRECTIONS), now, now)


def _same_as(stored: Category, given: Category) -> bool:
    if (stored.title, stored.description) != (given.title, given.description):
        raise Conflict(f"category {given.slug}", "exists with other values")
    return False


def _select_categories() -> AnySelect:
    return select(
        CATEGORY.c.id,
        CATEGORY.c.slug,
        CATEGORY.c.title,
        CATEGORY.c.description,
        CATEGORY.c.created_at,
    )


def _category_of(row: AnyRow) -> Category:
    return Category(**row._mapping)
