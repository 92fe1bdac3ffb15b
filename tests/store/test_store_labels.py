"""Articles by source, tag and author, and all corrections: exact in every state, and fast at any size."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from feedsvc.domain.article import Content, Status
from feedsvc.domain.decision import ChangeKind, New
from feedsvc.domain.feed import FeedState
from feedsvc.errors import NotFound
from feedsvc.store import articles, catching_up, categories, feeds, removing, schema
from feedsvc.store.articles import NewRevision
from feedsvc.store.engine import Database
from feedsvc.store.feeds import Window
from tests.store.samples import DAY, HOUR, MINUTE, NOW, add_catalogue, content, draft, poll

NARROW = Window(least=1, hours=0, most=2)


@pytest.fixture
def filled(db: Database) -> Database:
    """Articles 1 to 4 of `paper`, an hour apart, and 5 of `radio`; the first is the oldest."""
    with db.write() as session:
        add_catalogue(session, ["paper", "radio"])
    tags = (("反诈",), ("反诈", "防汛"), (), ("防汛",))
    for number, named in enumerate(tags, start=1):
        take(db, "paper", number, tags=named, authors=("林一",) if number < 3 else ("周二",))
    take(db, "radio", 5, tags=("反诈",), authors=("林一", "周二"))
    return db


def take(db: Database, source: str, number: int, **words: Any) -> None:
    made = draft(f"{number}", content=replace(content(f"{number}"), **words))
    made = replace(made, published_at=NOW + number * HOUR, updated_at=NOW + number * HOUR)
    poll(db, source, [New(draft=made)], now=NOW + number * HOUR)


def revise(
    db: Database, number: int, status: Status, at: datetime, words: Content | None = None
) -> None:
    kinds: dict[Status, ChangeKind] = {"withdrawn": "withdrawn", "corrected": "corrected"}
    with db.write() as session:
        article = articles.get(session, number)
        revision = NewRevision(
            content=words or article.content, status=status, reason="误", actor="editor:li",
            kind=kinds.get(status, "updated"), edited_fields=(),
        )  # fmt: skip
        articles.revise(session, number, revision, at)


def shown(db: Database, slug: str, window: Window | None = None) -> list[int]:
    with db.read() as session:
        found = feeds.snapshot(session, slug, window or Window()).articles
    return [article.id for article in found]


def state(db: Database, slug: str) -> FeedState:
    with db.read() as session:
        return feeds.state(session, slug)


def changed(db: Database, slug: str, since: int) -> list[int]:
    with db.read() as session:
        found = catching_up.changed_since(session, slug, since, 100)
    return sorted(article.id for article in found.snapshot.articles)


@pytest.mark.parametrize(
    ("slug", "ids", "cursor"),
    [
        ("source/paper", [4, 3, 2, 1], 4),
        ("source/radio", [5], 5),
        ("tag/反诈", [5, 2, 1], 5),
        ("tag/防汛", [4, 2], 4),
        ("author/林一", [5, 2, 1], 5),
        ("author/周二", [5, 4, 3], 5),
    ],
)
def test_a_feed_by_name(filled: Database, slug: str, ids: list[int], cursor: int) -> None:
    assert shown(filled, slug) == ids
    stands = state(filled, slug)
    assert (stands.slug, stands.cursor) == (slug, cursor)
    assert stands.updated_at == NOW + max(ids) * HOUR
    assert changed(filled, slug, 0) == sorted(ids)
    assert changed(filled, slug, cursor) == []
    with filled.read() as session:
        older, more = catching_up.older_than(session, slug, ids[0], 2)
        assert [article.id for article in older.articles] == ids[1:3]
        assert more == (len(ids) > 3)
        month = catching_up.month(session, slug, NOW, NOW + DAY, part=None, size=100)
        assert [article.id for article in month.snapshot.articles] == ids


def test_a_feed_s_own_id_comes_of_that_of_everything(filled: Database) -> None:
    guid = state(filled, "tag/反诈").guid
    assert guid == state(filled, "tag/反诈").guid
    assert guid.startswith("urn:uuid:")
    assert len({guid, state(filled, "tag/防汛").guid, state(filled, "all").guid}) == 3


@pytest.mark.parametrize("slug", ["source/none", "tag/无", "author/", "no/反诈", "corrections/x"])
def test_an_unknown_name_is_not_found(filled: Database, slug: str) -> None:
    with filled.read() as session, pytest.raises(NotFound):
        feeds.state(session, slug)


def test_a_source_without_articles_has_a_feed(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session, ["paper"])
    assert shown(db, "source/paper") == []
    assert state(db, "source/paper").cursor == 0


def test_the_window_tells_what_it_lacks(filled: Database) -> None:
    with filled.read() as session:
        snapshot = feeds.snapshot(session, "tag/反诈", NARROW)
    assert [article.id for article in snapshot.articles] == [5]
    assert (snapshot.complete_since, snapshot.cursors) == (2, {5: 5})


def test_a_correction_that_takes_a_tag_moves_both_feeds(filled: Database) -> None:
    before = state(filled, "tag/反诈")
    words = replace(content("2"), tags=("防汛", "抗旱"))
    revise(filled, 2, "corrected", NOW + DAY, words)
    assert shown(filled, "tag/反诈") == [5, 1]
    assert shown(filled, "tag/抗旱") == [2]
    # That it went is a change too: nobody is told 304 for the old state.
    after = state(filled, "tag/反诈")
    assert (after.cursor, after.updated_at) == (6, NOW + DAY)
    assert after.guid == before.guid
    assert changed(filled, "tag/防汛", 5) == [2]
    assert changed(filled, "tag/反诈", 5) == []
    revise(filled, 2, "corrected", NOW + 2 * DAY, replace(words, tags=("反诈",)))
    assert shown(filled, "tag/反诈") == [5, 2, 1]
    assert changed(filled, "tag/反诈", 6) == [2]


def test_a_withdrawal_stays_as_a_notice_beyond_the_window(filled: Database) -> None:
    revise(filled, 1, "withdrawn", NOW + DAY)
    for slug in ("source/paper", "tag/反诈", "author/林一"):
        assert 1 in shown(filled, slug, NARROW)
        assert state(filled, slug).cursor == 6
        assert changed(filled, slug, 5) == [1]
    assert 1 not in shown(filled, "tag/防汛", NARROW)


def test_corrections_come_by_when_they_were_made(filled: Database) -> None:
    assert shown(filled, "corrections") == []
    revise(filled, 4, "corrected", NOW + DAY)
    revise(filled, 1, "withdrawn", NOW + DAY + MINUTE)
    revise(filled, 2, "corrected", NOW + DAY + 2 * MINUTE)
    assert shown(filled, "corrections") == [2, 1, 4]
    assert state(filled, "corrections").cursor == 8
    assert changed(filled, "corrections", 6) == [1, 2]
    # Another correction of the first brings it to the top, and one that is taken back is gone.
    revise(filled, 4, "corrected", NOW + 2 * DAY, content("又改"))
    assert shown(filled, "corrections", NARROW) == [4, 1]
    revise(filled, 2, "live", NOW + 3 * DAY)
    assert shown(filled, "corrections") == [4, 1]
    stands = state(filled, "corrections")
    assert (stands.cursor, stands.updated_at) == (10, NOW + 3 * DAY)
    take(filled, "paper", 6)
    assert state(filled, "corrections") == stands
    with filled.read() as session:
        older, _ = catching_up.older_than(session, "corrections", 4, 9)
        assert [article.id for article in older.articles] == [1]
        found = catching_up.month(session, "corrections", NOW + DAY, NOW + 2 * DAY, part=1, size=9)
        assert [article.id for article in found.snapshot.articles] == [1]


def test_a_removed_source_leaves_no_name(filled: Database) -> None:
    revise(filled, 5, "corrected", NOW + DAY)
    before = state(filled, "tag/反诈").cursor
    with filled.write() as session:
        removing.remove_source(session, "radio", NOW + 2 * DAY)
    with filled.read() as session, pytest.raises(NotFound):
        feeds.state(session, "source/radio")
    assert shown(filled, "tag/反诈") == [2, 1]
    assert shown(filled, "corrections") == []
    assert state(filled, "tag/反诈").cursor > before


def test_articles_of_before_are_labelled_by_the_migration(filled: Database) -> None:
    revise(filled, 4, "corrected", NOW + DAY)
    revise(filled, 1, "withdrawn", NOW + DAY + MINUTE)
    slugs = ("source/paper", "tag/反诈", "author/周二")
    before = [(state(filled, slug), shown(filled, slug)) for slug in slugs]
    corrected = shown(filled, "corrections")
    schema.downgrade(filled, "0014")
    with filled.write() as session:
        session.execute(text("DELETE FROM feed WHERE slug = 'corrections'"))
    schema.upgrade(filled)
    assert [(state(filled, slug), shown(filled, slug)) for slug in slugs] == before
    with filled.write() as session:
        feeds.ensure_builtin(session, NOW + 2 * DAY)
    assert shown(filled, "corrections") == corrected == [1, 4]
    assert state(filled, "corrections").cursor == 7
    take(filled, "paper", 6, tags=("新标签",))
    assert shown(filled, "tag/新标签") == [6]


def test_a_label_is_read_by_its_indexes_alone(sqlite_db: Database) -> None:
    with sqlite_db.write() as session:
        add_catalogue(session, ["paper"])
    take(sqlite_db, "paper", 1, tags=("反诈",))
    revise(sqlite_db, 1, "corrected", NOW + DAY)
    executed: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        executed.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        for slug in ("source/paper", "tag/反诈", "corrections"):
            shown(sqlite_db, slug)
            changed(sqlite_db, slug, 0)
            with sqlite_db.read() as session:
                catching_up.older_than(session, slug, 1, 9)
                selection = feeds.state(session, slug).selection
                articles.latest(session, selection=selection, limit=9)
        take(sqlite_db, "paper", 2, tags=("反诈",))
        revise(sqlite_db, 2, "withdrawn", NOW + DAY)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    plans = []
    with closing(sqlite3.connect(sqlite_db.options.url.removeprefix("sqlite:///"))) as other:
        for statement, values in executed:
            if "label" in statement and statement.startswith(("SELECT", "UPDATE")):
                values = values[0] if isinstance(values, list) else values  # noqa: PLW2901 - many rows
                steps = other.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
                plans += [step[-1] for step in steps]
    assert len(plans) > 20
    walks = ("SCAN label", "SCAN article", "SCAN change")
    assert [step for step in plans if step.startswith(walks) or "TEMP B-TREE" in step] == []


def test_a_new_title_is_seen_by_category(filled: Database) -> None:
    revise(filled, 1, "corrected", NOW + DAY)
    with filled.write() as session:
        logged = categories.rename_title(session, "zhen", "古镇", NOW + 2 * DAY)
    assert "corrections" in logged.feeds


def test_many_writers_lose_no_article_of_a_label_to_a_reader(db: Database) -> None:
    """Each writer makes the same labels new; who reads on from the last cursor meets every article."""
    slugs = [f"s{number}" for number in range(4)]
    with db.write() as session:
        add_catalogue(session, slugs)
    names = [f"标签{number}" for number in range(5)]
    failures: list[BaseException] = []

    def write(slug: str) -> None:
        try:
            for number in range(5):
                words = replace(content(f"{slug} {number}"), tags=tuple(names))
                made = draft(f"{slug} {number}", content=words)
                poll(db, slug, [New(draft=made)], now=NOW + number * HOUR)
                names.reverse()
        except BaseException as error:  # noqa: BLE001 - reported by the test
            failures.append(error)

    writers = [threading.Thread(target=write, args=(slug,)) for slug in slugs]
    for each in writers:
        each.start()
    seen: list[int] = []
    cursor = 0
    while True:
        over = not any(each.is_alive() for each in writers)
        with db.read() as session, suppress(NotFound):
            found = catching_up.changed_since(session, "tag/标签0", cursor, 100)
            seen += [article.id for article in found.snapshot.articles]
            assert found.last >= cursor
            cursor = found.last
        if over:
            break
        time.sleep(0.01)
    assert failures == []
    assert len(seen) == len(set(seen)) == 20
    assert sorted(seen) == sorted(shown(db, "tag/标签0"))
