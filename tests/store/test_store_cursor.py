"""Cursors become visible in commit order; a bare sequence would not do."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from feedsvc.domain.decision import New
from feedsvc.errors import StoreBusy
from feedsvc.store import cursor, feeds
from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions
from tests.store.samples import add_catalogue, draft, poll_in, store_new


def visible(db: Database) -> list[int]:
    with db.read() as session:
        rows = session.execute(text('SELECT cursor FROM "change" ORDER BY cursor'))
        return list(rows.scalars())


def log(session: Session, number: int, article_id: int) -> None:
    session.execute(
        text("INSERT INTO change (cursor, category_id, article_id, revision, kind, at) "
             "VALUES (:number, 1, :article, 1, 'new', now())"),
        {"number": number, "article": article_id},
    )  # fmt: skip


def test_numbers_are_given_out_once_and_in_order(db: Database) -> None:
    with db.write() as session:
        assert cursor.latest(session) == 0
        assert cursor.allot(session, 3) == 3
        assert cursor.allot(session, 2) == 5
    with db.read() as session:
        assert cursor.latest(session) == 5


def test_numbers_of_a_failed_transaction_are_not_spent(db: Database) -> None:
    def fail() -> None:
        with db.write() as session:
            cursor.allot(session, 3)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with db.read() as session:
        assert cursor.latest(session) == 0


def test_a_bare_sequence_would_skip_a_change(postgres_db: Database) -> None:
    """Two interleaved transactions: the later number commits first, the reader moves on past it."""
    with postgres_db.write() as session:
        add_catalogue(session)
        session.execute(text("CREATE SEQUENCE numbers START 100"))
    store_new(postgres_db, "paper", ["a"])
    number = text("SELECT nextval('numbers')")
    with postgres_db.write() as slow:
        log(slow, slow.execute(number).scalar_one(), 1)
        with postgres_db.write() as quick:
            log(quick, quick.execute(number).scalar_one(), 1)
        since = max(visible(postgres_db))
    assert [each for each in visible(postgres_db) if each > since] == []
    assert visible(postgres_db) == [1, 100, 101]
    assert since == 101, "the reader saw 101 while 100 was still to come, and will never see it"


def test_our_cursor_cannot_skip_a_change(postgres_db: Database) -> None:
    """The same interleaving: the quick transaction cannot get a number before the slow one commits."""
    with postgres_db.write() as session:
        add_catalogue(session, ["slow", "quick"])
    hasty = Database(StoreOptions(url=postgres_db.options.url, busy_seconds=0.1))
    with postgres_db.write() as slow:
        poll_in(slow, "slow", [New(draft=draft("a"))])
        with pytest.raises(StoreBusy), hasty.write() as quick:
            poll_in(quick, "quick", [New(draft=draft("b"))])
        assert visible(postgres_db) == []
    hasty.dispose()
    assert visible(postgres_db) == [1]
    store_new(postgres_db, "quick", ["b"])
    assert visible(postgres_db) == [1, 2]


def test_what_a_reader_sees_under_concurrent_polls_only_grows_at_its_end(db: Database) -> None:
    slugs = [f"s{number}" for number in range(3)]
    with db.write() as session:
        add_catalogue(session, slugs)
    finished = threading.Event()
    skipped = []

    def read() -> None:
        seen: list[int] = []
        while not finished.is_set():
            now_visible = visible(db)
            if now_visible[: len(seen)] != seen:
                skipped.append((seen, now_visible))
            seen = now_visible

    def write(slug: str) -> None:
        for number in range(12):
            store_new(db, slug, [f"{slug}-{number}-{part}" for part in range(3)])

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=write, args=(slug,)) for slug in slugs]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    finished.set()
    reader.join()
    assert skipped == []
    assert visible(db) == list(range(1, 109))
    with db.read() as session:
        assert feeds.state(session, "all").cursor == 108
