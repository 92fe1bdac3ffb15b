"""The window of a feed: which articles it shows, and for how long a withdrawal is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from feedsvc.domain.article import Keys, Status
from feedsvc.domain.decision import New
from feedsvc.domain.feed import Category, Selection
from feedsvc.store import articles, categories, feeds, sources
from feedsvc.store.articles import NewRevision
from feedsvc.store.engine import Database
from feedsvc.store.feeds import Window
from tests.store.samples import DAY, HOUR, NOW, add_catalogue, draft, known_by, poll, source


@pytest.fixture
def filled(db: Database) -> Database:
    """Sources `paper` in `zhen` and `boat` in `he`."""
    with db.write() as session:
        add_catalogue(session, ["paper"])
        categories.add(session, Category(slug="he", title="河边"), NOW)
        sources.add(session, source("boat", category="he"), NOW)
    return db


def store_hours(db: Database, hours: Sequence[float], slug: str = "paper") -> None:
    """Store one article for each number: published so many hours before NOW, and named so."""
    poll(db, slug, [New(draft=draft(f"{hour}", at=NOW - hour * HOUR)) for hour in hours])


def shown(db: Database, window: Window, slug: str = "zhen") -> list[str]:
    with db.read() as session:
        found = feeds.snapshot(session, slug, window).articles
    return [each.content.title.removeprefix("消息 ") for each in found]


def give_status(
    db: Database, guid: str, status: Status, now: datetime, slug: str = "paper"
) -> None:
    with db.write() as session:
        article = known_by(session, slug, Keys(guid=guid)).article
        articles.revise(
            session,
            article.id,
            NewRevision(
                content=article.content, status=status, reason="x", actor="editor:li",
                kind="withdrawn" if status == "withdrawn" else "corrected", edited_fields=(),
            ),
            now,
        )  # fmt: skip


def test_an_empty_feed(filled: Database) -> None:
    with filled.read() as session:
        snapshot = feeds.snapshot(session, "zhen", Window())
        assert snapshot.articles == ()
        assert snapshot.state == feeds.state(session, "zhen")


def test_newest_published_first_and_of_one_moment_the_last_stored(filled: Database) -> None:
    store_hours(filled, [5, 1, 9])
    poll(filled, "paper", [New(draft=draft("same", at=NOW - HOUR))])
    assert shown(filled, Window()) == ["same", "1", "5", "9"]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        pytest.param(Window(least=2, hours=1.5, most=9), ["10", "11", "11.5"], id="all recent"),
        pytest.param(Window(least=2, hours=0, most=9), ["10", "11"], id="at least"),
        pytest.param(Window(least=2, hours=99, most=3), ["10", "11", "11.5"], id="at most"),
        pytest.param(Window(least=9, hours=0, most=2), ["10", "11"], id="at most before at least"),
        pytest.param(Window(least=1, hours=1, most=9), ["10", "11"], id="inclusive"),
    ],
)
def test_the_window_counts_from_the_newest_article(
    filled: Database, window: Window, expected: list[str]
) -> None:
    store_hours(filled, [10, 11, 11.5, 12, 48])
    assert shown(filled, window) == expected


def test_the_feed_of_everything_and_of_one_category(filled: Database) -> None:
    store_hours(filled, [1, 3])
    store_hours(filled, [2], slug="boat")
    assert shown(filled, Window(), "all") == ["1", "2", "3"]
    assert shown(filled, Window(), "zhen") == ["1", "3"]
    assert shown(filled, Window(), "he") == ["2"]


def test_held_articles_are_never_shown_and_do_not_use_up_places(filled: Database) -> None:
    poll(filled, "paper", [New(draft=draft("held", at=NOW), status="held")])
    store_hours(filled, [1, 2])
    assert shown(filled, Window(least=1, hours=0, most=1)) == ["1"]
    assert shown(filled, Window()) == ["1", "2"]


def test_corrected_and_withdrawn_articles_keep_their_places(filled: Database) -> None:
    store_hours(filled, [1, 2, 3])
    give_status(filled, "1", "corrected", NOW)
    give_status(filled, "2", "withdrawn", NOW)
    assert shown(filled, Window(least=3, hours=0, most=3)) == ["1", "2", "3"]


def test_a_public_article_taken_back_for_review_leaves_its_feeds(filled: Database) -> None:
    store_hours(filled, [1, 2])
    give_status(filled, "1", "held", NOW + HOUR)
    assert shown(filled, Window()) == ["2"]
    with filled.read() as session:
        assert feeds.state(session, "zhen").updated_at == NOW + HOUR


def test_a_withdrawal_is_told_beyond_the_window_and_beyond_the_cap(filled: Database) -> None:
    store_hours(filled, [1, 2, 3, 4, 5])
    give_status(filled, "4", "withdrawn", NOW)
    give_status(filled, "5", "corrected", NOW)
    narrow = Window(least=1, hours=0, most=2)
    assert shown(filled, narrow) == ["1", "4"]
    assert shown(filled, narrow, "all") == ["1", "4"]
    assert shown(filled, narrow, "he") == []


def test_a_withdrawal_is_told_for_thirty_days_of_the_feed(filled: Database) -> None:
    store_hours(filled, [1, 2, 3])
    narrow = Window(least=1, hours=0, most=1)
    give_status(filled, "3", "withdrawn", NOW)
    give_status(filled, "1", "corrected", NOW + 30 * DAY)
    assert shown(filled, narrow) == ["1", "3"]
    give_status(filled, "1", "corrected", NOW + 30 * DAY + HOUR)
    assert shown(filled, narrow) == ["1"]


def test_a_withdrawal_that_is_undone_is_an_ordinary_member_again(filled: Database) -> None:
    store_hours(filled, [1, 2])
    give_status(filled, "2", "withdrawn", NOW)
    give_status(filled, "2", "live", NOW)
    assert shown(filled, Window(least=1, hours=0, most=1)) == ["1"]


def test_a_snapshot_takes_the_same_number_of_statements_for_any_number_of_articles(
    filled: Database,
) -> None:
    executed: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        executed.append(statement)

    counts = []
    event.listen(Engine, "before_cursor_execute", note)
    try:
        for hours in ([1], [2, 3, 4, 5, 6, 7, 8]):
            store_hours(filled, hours)
            executed.clear()
            shown(filled, Window())
            counts.append(len([each for each in executed if each.startswith("SELECT")]))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert counts == [7, 7]


def test_no_statement_walks_through_all_articles(sqlite_db: Database) -> None:
    """What 10 million articles would do to a query is seen in its plan."""
    with sqlite_db.write() as session:
        add_catalogue(session, ["paper"])
    store_hours(sqlite_db, [1, 2, 3])
    executed: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        executed.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for slug in ("zhen", "all"):
            shown(sqlite_db, Window(), slug)
        with sqlite_db.read() as session:
            keys = [Keys(guid="1", url="https://x.example/", content_hash="h")]
            articles.known(session, 1, keys)
            articles.known_links(session, 1, ["https://x.example/"])
            for category in (None, "zhen"):
                articles.latest(session, selection=Selection(category=category), limit=9)
            for filters in ({"status": "held"}, {"source": "paper"}, {"before_id": 2}):
                articles.find(session, **filters)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    plans = []
    with closing(sqlite3.connect(sqlite_db.options.url.removeprefix("sqlite:///"))) as other:
        for statement, values in executed:
            if statement.startswith("SELECT"):
                steps = other.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
                plans += [step[-1] for step in steps]
    walks = [step for step in plans if step.startswith("SCAN") and "USING" not in step]
    sorts = [step for step in plans if "TEMP B-TREE" in step]
    assert len(plans) > 20
    # Of the changes only the newest end is walked, to the first that the window lacks.
    assert set(walks) <= {"SCAN category", "SCAN source", "SCAN change"}
    assert sorts == []


def test_a_snapshot_knows_each_article_s_last_change_and_what_it_lacks(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session, ["paper"])
    store_hours(db, [3, 2, 1])
    with db.read() as session:
        snapshot = feeds.snapshot(session, "zhen", Window(least=2, hours=0, most=2))
    assert [snapshot.cursors[article.id] for article in snapshot.articles] == [3, 2]
    assert snapshot.complete_since == 1
    with db.read() as session:
        everything = feeds.snapshot(session, "all", Window())
    assert (sorted(everything.cursors.values()), everything.complete_since) == ([1, 2, 3], 0)
