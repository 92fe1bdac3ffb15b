"""Publisher: the right documents for everyone, whoever else publishes and wherever it dies."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from feedsvc.domain.feed import FORMATS, FeedDocument, Format
from feedsvc.errors import StoreBusy
from feedsvc.publish.documents import edition_of
from feedsvc.publish.publisher import LEASE_SECONDS, Publisher
from feedsvc.store import documents, outbox
from feedsvc.store.engine import Database
from feedsvc.store.shelf import Shelf
from tests.publish.newsroom import NOW, SITE, open_newsroom, receive, revise, title_of

ALL_FEEDS = ("all", "corrections", "gongan", "jiaotong")


class DeadShelf(Shelf):
    """A shelf whose machine dies just before anything is put on it."""

    def put(self, documents: Sequence[FeedDocument]) -> int:
        raise StoreBusy("shelf", f"power cut before {len(documents)} documents")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def newsroom(db: Database) -> Database:
    open_newsroom(db)
    return db


@pytest.fixture
def publisher(newsroom: Database, shelf: Shelf) -> Publisher:
    return Publisher(newsroom, shelf, SITE)


def test_what_is_due_is_published_everywhere(
    publisher: Publisher, newsroom: Database, shelf: Shelf
) -> None:
    receive(newsroom, 1, 2)
    assert publisher.publish_due(NOW) == 2
    assert titles(shelf, "gongan") == titles(shelf, "all") == [title_of(2), title_of(1)]
    for fmt in FORMATS:
        assert title_of(1) in shelved(shelf, "gongan", fmt).body.decode()
    assert pending(newsroom) == 0
    assert publisher.publish_due(NOW) == 0


def test_nothing_is_published_before_it_is_due(publisher: Publisher, newsroom: Database) -> None:
    receive(newsroom, 1)
    assert publisher.publish_due(NOW - timedelta(seconds=1)) == 0
    assert pending(newsroom) == 2


def test_a_withdrawal_takes_the_text_off_the_shelf(
    publisher: Publisher, newsroom: Database, shelf: Shelf
) -> None:
    receive(newsroom, 1, 2)
    publisher.publish_due(NOW)
    revise(newsroom, 1, status="withdrawn", kind="withdrawn")
    assert publisher.publish_due(NOW + timedelta(minutes=5)) == 3
    assert titles(shelf, "corrections") == [f"【撤稿】{title_of(1)}"]
    for slug in ("gongan", "all"):
        assert titles(shelf, slug) == [title_of(2), f"【撤稿】{title_of(1)}"]
        for fmt in FORMATS:
            assert "第1次夜巡平安无事" not in shelved(shelf, slug, fmt).body.decode()


def test_a_correction_is_visible_in_every_format(
    publisher: Publisher, newsroom: Database, shelf: Shelf
) -> None:
    receive(newsroom, 1)
    revise(newsroom, 1, status="corrected", kind="corrected")
    publisher.publish_due(NOW + timedelta(minutes=5))
    for fmt in FORMATS:
        assert "更正：内容失实" in shelved(shelf, "gongan", fmt).body.decode()


def test_a_refresh_publishes_what_has_no_document(publisher: Publisher, shelf: Shelf) -> None:
    assert publisher.refresh(NOW) == []
    assert {(slug, fmt) for slug in ALL_FEEDS for fmt in FORMATS} == set(shelf.index())
    before = shelf.generation
    assert publisher.refresh(NOW) == []
    assert shelf.generation == before


def test_another_edition_is_rendered_anew(
    publisher: Publisher, newsroom: Database, shelf: Shelf
) -> None:
    receive(newsroom, 1)
    publisher.refresh(NOW)
    moved = replace(SITE, base_url="https://moved.example")
    Publisher(newsroom, shelf, moved).refresh(NOW)
    document = shelved(shelf, "gongan", "json")
    assert document.edition == edition_of(moved)
    assert json.loads(document.body)["feed_url"] == "https://moved.example/feeds/gongan.json"
    assert titles(shelf, "gongan") == [title_of(1)]


def test_a_refresh_catches_up_where_an_errand_was_lost(
    publisher: Publisher, newsroom: Database, shelf: Shelf
) -> None:
    publisher.refresh(NOW)
    receive(newsroom, 1)
    with newsroom.write() as session:
        for errand in outbox.claim(session, outbox.PUBLISH, NOW, limit=9, seconds=1):
            outbox.settle(session, errand)
    publisher.refresh(NOW)
    assert titles(shelf, "gongan") == [title_of(1)]


def test_a_death_before_the_shelf_is_made_good_by_the_next_bearer(
    publisher: Publisher, newsroom: Database, shelf: Shelf, tmp_path: Path
) -> None:
    receive(newsroom, 1)
    dying = Publisher(newsroom, DeadShelf(tmp_path / "dead"), SITE)
    assert dying.publish_due(NOW) == 0
    assert publisher.publish_due(NOW) == 0
    assert pending(newsroom) == 2
    later = NOW + timedelta(seconds=LEASE_SECONDS)
    assert publisher.publish_due(later) == 2
    assert titles(shelf, "gongan") == [title_of(1)]
    assert pending(newsroom) == 0


def test_a_new_machine_fills_its_shelf_from_the_database(
    publisher: Publisher, newsroom: Database, shelf: Shelf, tmp_path: Path
) -> None:
    receive(newsroom, 1)
    publisher.refresh(NOW)
    empty = Shelf(tmp_path / "other")
    beside = Publisher(newsroom, empty, SITE)
    assert beside.sync_shelf() == len(ALL_FEEDS) * len(FORMATS)
    assert empty.index() == shelf.index()
    assert beside.sync_shelf() == 0
    receive(newsroom, 2)
    publisher.publish_due(NOW)
    assert beside.sync_shelf() == 2 * len(FORMATS)
    assert titles(empty, "gongan") == [title_of(2), title_of(1)]


def test_a_refresh_fills_an_empty_shelf_and_settles_what_is_due(
    publisher: Publisher, newsroom: Database, shelf: Shelf, tmp_path: Path
) -> None:
    receive(newsroom, 1)
    publisher.publish(ALL_FEEDS)
    assert pending(newsroom) == 2
    restarted = Shelf(tmp_path / "other")
    Publisher(newsroom, restarted, SITE).refresh(NOW)
    assert restarted.index() == shelf.index()
    assert pending(newsroom) == 0


def test_one_feed_s_failure_harms_no_other(
    publisher: Publisher, newsroom: Database, shelf: Shelf
) -> None:
    receive(newsroom, 1)
    publisher.refresh(NOW)
    receive(newsroom, 2)
    misfile_everything(newsroom)
    assert publisher.publish(["gongan", "all", "gongan"]) == ["gongan"]
    assert titles(shelf, "all") == [title_of(2), title_of(1)]
    assert titles(shelf, "gongan") == [title_of(1)]


def test_a_feed_that_is_gone_holds_up_nothing(publisher: Publisher, newsroom: Database) -> None:
    with newsroom.write() as session:
        outbox.put(session, outbox.PUBLISH, "gone", 1, NOW)
    assert publisher.publish_due(NOW) == 1
    assert pending(newsroom) == 0


def test_a_failed_feed_keeps_its_errand_for_later(
    publisher: Publisher, newsroom: Database, shelf: Shelf
) -> None:
    receive(newsroom, 1)
    publisher.refresh(NOW)
    receive(newsroom, 2)
    misfile_everything(newsroom)
    assert publisher.publish_due(NOW) == 1
    assert pending(newsroom) == 1
    assert titles(shelf, "gongan") == [title_of(1)]


def test_an_older_snapshot_never_overtakes_a_newer_one(
    publisher: Publisher, newsroom: Database, shelf: Shelf
) -> None:
    receive(newsroom, 1)
    publisher.refresh(NOW)
    old = [shelved(shelf, "gongan", fmt) for fmt in FORMATS]
    receive(newsroom, 2)
    publisher.publish_due(NOW)
    with newsroom.write() as session:
        assert documents.save(session, old) == []
    shelf.put(old)
    assert titles(shelf, "gongan") == [title_of(2), title_of(1)]


def test_publishers_racing_with_polls_end_with_everything_shown(
    newsroom: Database, shelf: Shelf
) -> None:
    wanted = [title_of(number) for number in range(12, 0, -1)]
    done = threading.Event()

    def keep_publishing() -> None:
        racer = Publisher(newsroom, shelf, SITE)
        while not done.is_set():
            racer.publish(["gongan", "all"])

    racers = [threading.Thread(target=keep_publishing) for _ in range(2)]
    seen = [0]
    try:
        for racer in racers:
            racer.start()
        for number in range(1, 13):
            receive(newsroom, number)
            shown = shelf.index().get(("gongan", "json"))
            seen.append(shown[0] if shown else 0)
    finally:
        done.set()
        for racer in racers:
            racer.join(timeout=30)
    last = Publisher(newsroom, shelf, SITE)
    last.publish_due(NOW)
    assert titles(shelf, "gongan") == titles(shelf, "all") == wanted
    assert seen == sorted(seen)
    assert pending(newsroom) == 0


def titles(shelf: Shelf, slug: str) -> list[str]:
    document = json.loads(shelved(shelf, slug, "json").body)
    return [item["title"] for item in document["items"]]


def shelved(shelf: Shelf, slug: str, fmt: Format) -> FeedDocument:
    return shelf.load_all()[f"/feeds/{slug}.{fmt}"]


def pending(db: Database) -> int:
    with db.read() as session:
        return outbox.pending(session, outbox.PUBLISH)


def misfile_everything(db: Database) -> None:
    """Break the database so that the feed `gongan` looks empty although it is not."""
    with db.write() as session:
        session.execute(
            text(
                "UPDATE article SET category_id = (SELECT id FROM category WHERE slug = 'jiaotong')"
            )
        )
