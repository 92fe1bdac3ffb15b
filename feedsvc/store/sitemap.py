"""What a sitemap lists: every article that can be read, by ranges of their numbers, without their words.

One index (status, id, updated_at) answers for any range, so that a part costs the same however many
articles there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.domain.item import Precision
from feedsvc.store.columns import AnySelect
from feedsvc.store.selections import is_shown
from feedsvc.store.tables import ARTICLE, CHANGE

# The protocol allows 50,000 addresses in one file; fewer make a change cheaper for everybody.
PART = 10_000
# News search engines want no more, and nothing older.
MOST_NEWS = 1000
NEWS_TIME = timedelta(days=2)
READABLE = ("live", "corrected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One article's number and when it last changed."""

    id: int
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One recent article as news sitemaps name it."""

    id: int
    title: str
    language: str
    published_at: datetime
    precision: Precision


def part_of(article_id: int) -> int:
    """Return the part (1, 2, …) that an article is in, for good."""
    return (article_id - 1) // PART + 1


def last_part(session: Session) -> int:
    """Return the number of the newest part, 0 where there is no article."""
    newest = session.execute(select(func.max(ARTICLE.c.id))).scalar()
    return part_of(newest) if newest else 0


def changed_parts(session: Session, since: int) -> set[int]:
    """Return the parts of the articles that changed after a cursor."""
    changed = select(CHANGE.c.article_id).where(CHANGE.c.cursor > since)
    return {part_of(article_id) for article_id in session.scalars(changed)}


def newest_update(session: Session, part: int) -> datetime | None:
    """Return when the last article of a part changed; None where none of them can be read."""
    newest: datetime | None = session.execute(
        _of_part(select(func.max(ARTICLE.c.updated_at)), part)
    ).scalar()
    return newest


def addresses(session: Session, part: int) -> list[Address]:
    """Return the articles of one part that can be read, the last stored first."""
    rows = session.execute(_of_part(select(ARTICLE.c.id, ARTICLE.c.updated_at), part))
    return sorted(
        (Address(id=row.id, updated_at=row.updated_at) for row in rows),
        key=lambda one: one.id,
        reverse=True,
    )


def news(session: Session) -> list[News]:
    """Return the articles of the last two days, counted back from the newest; newest first."""
    statement = (
        select(
            ARTICLE.c.id,
            ARTICLE.c.title,
            ARTICLE.c.language,
            ARTICLE.c.published_at,
            ARTICLE.c.published_precision.label("precision"),
        )
        .where(is_shown(), ARTICLE.c.status.not_in(("withdrawn", "held")))
        .order_by(ARTICLE.c.published_at.desc(), ARTICLE.c.id.desc())
        .limit(MOST_NEWS)
    )
    found = [News(**row._mapping) for row in session.execute(statement)]
    return [one for one in found if one.published_at >= found[0].published_at - NEWS_TIME]


def _of_part(statement: AnySelect, part: int) -> AnySelect:
    first = (part - 1) * PART
    return statement.where(
        ARTICLE.c.status.in_(READABLE), ARTICLE.c.id > first, ARTICLE.c.id <= first + PART
    )
