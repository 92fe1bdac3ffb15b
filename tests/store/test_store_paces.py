"""How often a feed has news, on both databases, counted back from its newest article."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from feedsvc.domain.decision import New
from feedsvc.domain.feed import ALL, Selection
from feedsvc.store import paces
from feedsvc.store.engine import Database
from feedsvc.store.paces import Pace
from tests.store.samples import NOW, add_catalogue, draft, poll


@pytest.fixture
def stocked(db: Database) -> Database:
    with db.write() as session:
        add_catalogue(session, ["paper"])
    return db


def store_days(db: Database, days: Sequence[float]) -> None:
    old = [New(draft=draft(f"{day}", at=NOW - timedelta(days=day))) for day in days]
    poll(db, "paper", old)


def pace(db: Database, selection: Selection = ALL) -> Pace | None:
    with db.read() as session:
        return paces.pace(session, selection)


def test_thirty_days_are_counted_back_from_the_newest_article(stocked: Database) -> None:
    assert pace(stocked) is None
    store_days(stocked, [100, 101, 129.9, 130.1, 400])
    newest = NOW - timedelta(days=100)
    found = Pace(count=3, since=newest - timedelta(days=30), newest=newest)
    assert pace(stocked) == pace(stocked, Selection(category="zhen")) == found
    assert pace(stocked, Selection(category="he")) is None


def test_a_young_feed_is_counted_from_its_first_article(stocked: Database) -> None:
    store_days(stocked, [1, 2, 3])
    day = timedelta(days=1)
    assert pace(stocked) == Pace(count=3, since=NOW - 3 * day, newest=NOW - day)


def test_of_very_many_the_newest_say_enough(
    stocked: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paces, "MOST", 2)
    store_days(stocked, [1, 2, 3, 4])
    day = timedelta(days=1)
    assert pace(stocked) == Pace(count=2, since=NOW - 2 * day, newest=NOW - day)
