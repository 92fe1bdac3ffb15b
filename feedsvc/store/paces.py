"""How often a feed has something new, from what it has shown: never from the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedsvc.domain.feed import Selection
from feedsvc.store.columns import AnySelect
from feedsvc.store.selections import articles_of, is_shown, placed_at

LOOKED_BACK = timedelta(days=30)
# Of a feed with more in that time, so many of its newest say enough.
MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`count` articles from `since` to `newest`: of 30 days, fewer where the feed is younger or has very many."""

    count: int
    since: datetime
    newest: datetime


def pace(session: Session, selection: Selection) -> Pace | None:
    """Return how many articles a feed had in the 30 days before its newest; None for one without any."""
    at = placed_at(selection)
    newest: datetime | None = session.execute(_readable(selection).order_by(at.desc())).scalar()
    oldest: datetime | None = session.execute(_readable(selection).order_by(at)).scalar()
    if newest is None or oldest is None:
        return None
    since = max(oldest, newest - LOOKED_BACK)
    recent = (
        articles_of(selection, at.label("at"))
        .where(is_shown(), at >= since)
        .order_by(at.desc())
        .limit(MOST)
        .subquery()
    )
    row = session.execute(select(func.count(), func.min(recent.c.at)).select_from(recent)).one()
    count, first = row
    return Pace(count=count, since=first if count == MOST else since, newest=newest)


def _readable(selection: Selection) -> AnySelect:
    return articles_of(selection, placed_at(selection)).where(is_shown()).limit(1)
