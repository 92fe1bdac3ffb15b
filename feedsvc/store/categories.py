"""Categories: the editorial sections, each with a feed of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from feedsvc.domain.feed import Category, FeedDocument
from feedsvc.errors import Conflict, NotFound
from feedsvc.store import cursor, documents, feeds, former_names, outbox
from feedsvc.store.changes import Logged, log_relabelling
from feedsvc.store.columns import AnyRow, AnySelect
from feedsvc.store.dialects import dialect_of, insert_into
from feedsvc.store.tables import CATEGORY, FEED
from feedsvc.store.tables_desk import FAREWELL

# Addresses below /feeds/ that mean something else.
RESERVED_SLUGS = frozenset(
    {"all", "corrections", "source", "tag", "author", "dossier", "search", "private"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a new name changed: the feeds to publish, and what takes the place of the old documents."""

    logged: Logged
    documents: Sequence[FeedDocument]


def add(session: Session, category: Category, now: datetime) -> bool:
    """Create a category, its feed, and the wish to have that published.

    False if it is there already with equal values; raises `Conflict` if with others, or if the
    slug is reserved or was once another's.
    """
    if category.slug in RESERVED_SLUGS:
        raise Conflict(f"category {category.slug}", "the name is reserved")
    former_names.require_unused(session, category.slug)
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
    """Return one category by its name or a former one; raises `NotFound`."""
    by_slug = _select_categories().where(CATEGORY.c.slug == slug)
    row = session.execute(by_slug).first()
    if row is not None:
        return _category_of(row)
    if (now := former_names.current(session, slug)) is not None:
        return get(session, now)
    raise NotFound(f"category {slug}", "there is no such category")


def get_open(session: Session, slug: str) -> Category:
    """Return one category that may get new articles; raises `NotFound`, `Conflict` for a retired one."""
    category = get(session, slug)
    if category.retired_at is not None:
        raise Conflict(f"category {category.slug}", "is retired")
    return category


def is_known(session: Session, slug: str) -> bool:
    """Whether there is or was a category of that name."""
    try:
        get(session, slug)
    except NotFound:
        return False
    return True


def all_categories(session: Session) -> list[Category]:
    """Return every category in the order of their creation, retired ones too."""
    return [
        _category_of(row) for row in session.execute(_select_categories().order_by(CATEGORY.c.id))
    ]


def open_categories(session: Session) -> list[Category]:
    """Return the categories that are not retired, in the order of their creation."""
    return [each for each in all_categories(session) if each.retired_at is None]


def rename_title(session: Session, slug: str, title: str, now: datetime) -> Logged:
    """Give a category another title; its feed and the feed of everything are published anew.

    The slug, and with it every address, stays. Raises `NotFound`.
    """
    if get(session, slug).title == title:
        return Logged()
    session.execute(update(CATEGORY).where(CATEGORY.c.slug == slug).values(title=title))
    session.execute(update(FEED).where(FEED.c.slug == slug).values(title=title))
    return log_relabelling(session, (slug, feeds.EVERYTHING, feeds.CORRECTIONS), now, now)


def rename(session: Session, slug: str, to: str, now: datetime) -> Moved:
    """Give a category and its feed another slug; ids, guids and cursors stay.

    The old name leads to the category for good, its documents go. Every feed is published anew,
    because entries name their category. Raises `NotFound`, and `Conflict` where the new name is
    reserved, taken, or was once another's.
    """
    category = _locked(session, get(session, slug).slug)
    if to == category.slug:
        return Moved(logged=Logged(), documents=())
    # After the section's lock and before anything else, as in `log_changes`: whoever logs changes
    # meanwhile finds feeds by names that hold.
    number = cursor.allot(session, 1)
    feed_id = session.execute(
        select(FEED.c.id).where(FEED.c.category_id == category.id)
    ).scalar_one()
    _require_free(session, to, feed_id)
    session.execute(update(CATEGORY).where(CATEGORY.c.id == category.id).values(slug=to))
    session.execute(update(FEED).where(FEED.c.id == feed_id).values(slug=to))
    former_names.leave(session, feed_id, category.slug, to, now)
    logged = log_relabelling(session, [each.slug for each in feeds.states(session)], now, now)
    return Moved(logged=logged, documents=documents.put_away(session, category.slug, number, now))


def _locked(session: Session, slug: str) -> Category:
    """Read a category and keep others from logging changes of it until the commit."""
    lock = select(CATEGORY.c.id).where(CATEGORY.c.slug == slug).with_for_update()
    if session.execute(lock).first() is None:
        raise NotFound(f"category {slug}", "there is no such category")
    return get(session, slug)


def _require_free(session: Session, slug: str, feed_id: int) -> None:
    if slug in RESERVED_SLUGS:
        raise Conflict(f"category {slug}", "the name is reserved")
    if session.execute(select(exists().where(FEED.c.slug == slug))).scalar():
        raise Conflict(f"category {slug}", "a feed has that name")
    if former_names.owner(session, slug) not in {None, feed_id}:
        former_names.require_unused(session, slug)


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
        FAREWELL.c.at.label("retired_at"),
    ).select_from(
        CATEGORY.outerjoin(FEED, FEED.c.category_id == CATEGORY.c.id).outerjoin(
            FAREWELL, FAREWELL.c.feed_id == FEED.c.id
        )
    )


def _category_of(row: AnyRow) -> Category:
    return Category(**row._mapping)
