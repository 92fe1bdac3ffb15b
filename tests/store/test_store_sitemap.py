"""What a sitemap lists, on both databases: by one index, whatever else is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from feedsvc.domain.article import Keys, Status
from feedsvc.domain.decision import New
from feedsvc.store import articles, cursor, sitemap
from feedsvc.store.articles import NewRevision
from feedsvc.store.engine import Database
from tests.store.samples import HOUR, NOW, add_catalogue, draft, known_by, poll


@pytest.fixture
def filled(db: Database) -> Database:
    with db.write() as session:
        add_catalogue(session, ["paper"])
    poll(db, "paper", [New(draft=draft(f"{hour}", at=NOW - hour * HOUR)) for hour in (1, 2, 50)])
    return db


def give_status(db: Database, guid: str, status: Status) -> None:
    with db.write() as session:
        article = known_by(session, "paper", Keys(guid=guid)).article
        revision = NewRevision(
            content=article.content, status=status, reason="x", actor="editor:li",
            kind="withdrawn" if status == "withdrawn" else "corrected", edited_fields=(),
        )  # fmt: skip
        articles.revise(session, article.id, revision, NOW)


def listed(db: Database, part: int = 1) -> list[int]:
    with db.read() as session:
        return [one.id for one in sitemap.addresses(session, part)]


def test_every_readable_article_stands_in_its_part_and_no_other(filled: Database) -> None:
    assert listed(filled) == [3, 2, 1]
    give_status(filled, "2", "corrected")
    assert listed(filled) == [3, 2, 1]
    give_status(filled, "1", "withdrawn")
    assert listed(filled) == [3, 2]
    poll(filled, "paper", [New(draft=draft("9", at=NOW), status="held")])
    assert listed(filled) == [3, 2]
    assert listed(filled, part=2) == []
    with filled.read() as session:
        assert sitemap.last_part(session) == 1
        assert sitemap.newest_update(session, 1) == NOW
        assert sitemap.newest_update(session, 2) is None


@pytest.mark.parametrize(("article_id", "part"), [(1, 1), (sitemap.PART, 1), (sitemap.PART + 1, 2)])
def test_an_article_is_in_one_part_for_good(article_id: int, part: int) -> None:
    assert sitemap.part_of(article_id) == part


def test_a_part_ends_where_the_next_begins(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "PART", 2)
    assert (listed(filled), listed(filled, part=2), listed(filled, part=3)) == ([2, 1], [3], [])
    with filled.read() as session:
        assert sitemap.last_part(session) == 2
        assert sitemap.changed_parts(session, 2) == {2}


def test_the_log_of_changes_says_which_parts_to_look_at_again(filled: Database) -> None:
    with filled.read() as session:
        before = cursor.latest(session)
        assert sitemap.changed_parts(session, before) == set()
    give_status(filled, "1", "withdrawn")
    with filled.read() as session:
        assert sitemap.changed_parts(session, before) == {1}


def test_news_are_those_of_two_days_before_the_newest(filled: Database) -> None:
    with filled.read() as session:
        found = sitemap.news(session)
    assert [one.published_at for one in found] == [NOW - HOUR, NOW - 2 * HOUR]
    give_status(filled, "1", "withdrawn")
    with filled.read() as session:
        later = sitemap.news(session)
    assert [one.published_at for one in later] == [NOW - 2 * HOUR, NOW - 50 * HOUR]


READS: list[Callable[[Session], Any]] = [
    lambda session: sitemap.addresses(session, 1),
    lambda session: sitemap.newest_update(session, 1),
    sitemap.news,
]


@pytest.mark.parametrize("read", READS, ids=["addresses", "newest_update", "news"])
def test_no_read_walks_all_articles(filled: Database, read: Callable[[Session], Any]) -> None:
    with filled.read() as session, noted() as executed:
        read(session)
        [(statement, values)] = executed
        sqlite = session.get_bind().dialect.name == "sqlite"
        if not sqlite:
            # So few rows are read as a whole unless that is forbidden; then the index must do.
            session.execute(text("SET LOCAL enable_seqscan = off"))
        connection = session.connection()
        command = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
        plan = connection.exec_driver_sql(f"{command} {statement}", values).fetchall()
    steps = "\n".join(str(row[-1]) for row in plan)
    index = "published_at" if read is sitemap.news else "ix_article_status_id_updated_at"
    assert index in steps
    assert "SCAN article" not in steps
    assert "TEMP B-TREE" not in steps


@contextmanager
def noted() -> Iterator[list[tuple[str, Any]]]:
    executed: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            executed.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield executed
    finally:
        event.remove(Engine, "before_cursor_execute", note)
