"""Published documents as files: the served bytes, at once where a text was taken back, never twice."""

from __future__ import annotations

import gzip
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import brotli
import pytest
from sqlalchemy import delete
from structlog.testing import capture_logs

from feedsvc.domain.article import Draft
from feedsvc.domain.decision import New
from feedsvc.domain.feed import FORMATS, Category, FeedDocument
from feedsvc.domain.run import Run
from feedsvc.errors import NotFound, RenderError
from feedsvc.publish import archive_files, past
from feedsvc.publish import files as pace
from feedsvc.publish.files import Files
from feedsvc.publish.months import Month
from feedsvc.publish.past import Past
from feedsvc.publish.publisher import Publisher
from feedsvc.store import categories, changes, claims, feeds, pins, polls
from feedsvc.store.engine import Database
from feedsvc.store.file_tree import FileTree
from feedsvc.store.shelf import Shelf
from feedsvc.store.tables import FEED, FEED_DOCUMENT
from tests.publish.newsroom import NOW, SITE, draft, open_newsroom, receive, revise, title_of

MONTHS = 3
A_MONTH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A newsroom whose feeds are published to files: three months with parts of two articles."""

    db: Database
    shelf: Shelf
    files: Files
    publisher: Publisher
    past: Past
    directory: Path

    def publish(self, *slugs: str) -> None:
        assert self.publisher.publish(slugs or ("gongan", "all", "corrections")) == []

    def settle(self) -> None:
        """Let the files catch up, as the scheduler does in time."""
        for _ in range(40):
            self.files.keep_up()

    def names(self) -> set[str]:
        return {
            str(path.relative_to(self.directory))
            for path in self.directory.rglob("*")
            if path.is_file() and ".feedsvc" not in path.parts
        }

    def inodes(self) -> dict[str, int]:
        return {name: (self.directory / name).stat().st_ino for name in self.names()}

    def holds(self, name: str, document: FeedDocument) -> bool:
        path = self.directory / name
        return (path.read_bytes(), *(Path(f"{path}{suffix}").read_bytes() for suffix in (".gz", ".br"))) == (
            document.body, document.gzip, document.brotli,
        )  # fmt: skip

    def anywhere(self, text: str) -> list[str]:
        """Which files have a text, whatever they are compressed with."""
        unpack = {".gz": gzip.decompress, ".br": brotli.decompress}
        return sorted(
            name
            for name in self.names()
            if text.encode()
            in unpack.get(Path(name).suffix, bytes)((self.directory / name).read_bytes())
        )


@pytest.fixture
def room(sqlite_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    return opened(sqlite_db, tmp_path, monkeypatch)


def opened(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr(past, "PART", 2)
    monkeypatch.setattr(pace, "LEISURE", 0.0)
    monkeypatch.setattr(pace, "REST", 0.0)
    open_newsroom(db)
    for month in range(MONTHS):
        take(db, month, *range(1, A_MONTH + 1))
    shelf = Shelf(tmp_path / "shelf")
    directory = tmp_path / "files"
    made = Past(db, SITE)
    files = Files(db, shelf, FileTree(directory), made, SITE)
    publisher = Publisher(db, shelf, SITE, followed_by=files.published)
    room = Room(
        db=db, shelf=shelf, files=files, publisher=publisher, past=made, directory=directory
    )
    publisher.refresh(NOW)
    room.settle()
    return room


def take(db: Database, month: int, *numbers: int) -> None:
    """Take in articles published `month` times 31 days before the others."""
    with db.write() as session:
        claim = claims.claim_one(session, "yunling", NOW, seconds=60)
        assert claim is not None
        run = Run(source="yunling", status="ok", started_at=NOW, finished_at=NOW)
        outcome = polls.PollOutcome(
            claim=claim,
            run=run,
            decisions=tuple(New(draft=aged(month, number)) for number in numbers),
            validators=None,
            next_due_at=NOW,
            failures=0,
        )
        polls.commit_poll(session, outcome, NOW, debounce=0)


def aged(month: int, number: int) -> Draft:
    at = NOW - timedelta(days=31 * month, minutes=number)
    return replace(draft(100 * month + number), published_at=at, updated_at=at)


def assert_all_as_served(room: Room) -> None:
    """Every standing document and every part of every archive, and nothing else."""
    expected = set()
    for path, document in room.shelf.load_all().items():
        assert room.holds(path.lstrip("/"), document), path
        expected.add(path.lstrip("/"))
    for slug in ("all", "corrections", "gongan", "jiaotong"):
        for stem, part, month in archives(room, slug):
            for fmt in FORMATS:
                served = room.past.month(slug, month, part, fmt)
                assert room.holds(f"{stem}.{fmt}", served), stem
                expected.add(f"{stem}.{fmt}")
    expected.add("feeds.opml")
    assert room.names() == {f"{name}{suffix}" for name in expected for suffix in ("", ".gz", ".br")}


def archives(room: Room, slug: str) -> Iterator[tuple[str, int | None, Month]]:
    for back in range(-2, MONTHS + 1):
        month = Month.of(NOW - timedelta(days=31 * back))
        number = 1
        while True:
            try:
                room.past.month(slug, month, number, "json")
            except NotFound:
                break
            yield f"feeds/{slug}/{month}.part-{number}", number, month
            number += 1
        if number > 1:
            yield f"feeds/{slug}/{month}", None, month


def test_both_databases_lead_to_the_same_files(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = opened(db, tmp_path, monkeypatch)
    revise(db, 103, status="withdrawn", kind="withdrawn")
    take(db, 1, 77)
    room.publish()
    assert room.anywhere("第103次夜巡平安") == []
    room.settle()
    assert_all_as_served(room)


def test_every_document_and_archive_is_a_file_with_the_served_bytes(room: Room) -> None:
    assert_all_as_served(room)
    assert len(list(archives(room, "all"))) == MONTHS * (3 + 1)
    for path, document in room.shelf.load_all().items():
        stat = (room.directory / path.lstrip("/")).stat()
        assert stat.st_mtime == document.last_modified.timestamp()


def test_a_second_run_writes_nothing_and_a_new_folder_gets_the_same(
    room: Room, tmp_path: Path
) -> None:
    before = room.inodes()
    again = room.files.write_all(lambda: None)
    assert (again.written, again.removed, room.inodes()) == ((), (), before)
    elsewhere = Files(room.db, room.shelf, FileTree(tmp_path / "new"), room.past, SITE)
    done = elsewhere.write_all(lambda: None)
    assert {
        f"{name}{suffix}" for name in done.written for suffix in ("", ".gz", ".br")
    } == room.names()


def test_a_withdrawn_text_has_left_every_file_when_publishing_is_done(room: Room) -> None:
    number = 203
    assert len(room.anywhere(f"第{number}次夜巡平安")) > 6
    before = room.inodes()
    revise(room.db, number, status="withdrawn", kind="withdrawn")
    room.publish()
    assert room.anywhere(f"第{number}次夜巡平安") == []
    room.settle()
    assert_all_as_served(room)
    changed = {name for name, inode in room.inodes().items() if before.get(name) != inode}
    changed = {name for name in changed if "corrections" not in name}
    # Windows and directory, and of the archives the one part of each of the two feeds.
    parts = {name.split(".")[0] for name in changed if "part-" in name}
    assert len(parts) == 2
    assert len(changed) == 3 * (2 * 3 + 1 + 2 * 3)


def test_a_late_article_rewrites_its_part_alone(room: Room) -> None:
    before = room.inodes()
    take(room.db, 1, 77)
    room.publish()
    room.settle()
    assert_all_as_served(room)
    changed = {name for name, inode in room.inodes().items() if before.get(name) != inode}
    archived = {name.split(".")[0] for name in changed if name.count("/") == 2}
    month = Month.of(NOW - timedelta(days=31))
    assert archived == {f"feeds/all/{month}", f"feeds/gongan/{month}"}
    assert not any("part-1." in name or "part-2." in name for name in changed)


def test_a_first_article_of_an_older_month_is_led_to(room: Room) -> None:
    take(room.db, MONTHS, 1)
    room.publish()
    room.settle()
    assert_all_as_served(room)


def test_a_new_title_is_in_every_archive(room: Room) -> None:
    with room.db.write() as session:
        categories.rename_title(session, "gongan", "平安云岭", NOW)
    room.publish()
    room.settle()
    assert room.anywhere("公安") == []
    assert_all_as_served(room)


def test_a_feed_that_is_no_more_leaves_no_file(room: Room, tmp_path: Path) -> None:
    with room.db.write() as session:
        session.execute(delete(FEED_DOCUMENT).where(FEED_DOCUMENT.c.slug == "gongan"))
        session.execute(delete(FEED).where(FEED.c.slug == "gongan"))
    shutil.rmtree(tmp_path / "shelf")
    shelf = Shelf(tmp_path / "shelf")
    publisher = Publisher(room.db, shelf, SITE)
    publisher.sync_shelf()
    stranger = room.directory / "feeds" / "robots.txt"
    stranger.write_text("somebody's own")
    files = Files(room.db, shelf, FileTree(room.directory), room.past, SITE)
    removed = files.write_all(lambda: None).removed
    assert "feeds/gongan.rss" in removed
    assert {name for name in room.names() if "gongan" in name} == set()
    assert stranger.exists()
    assert "feeds/all.rss" in room.names()


def test_files_of_a_former_name_go_and_the_new_ones_are_there(room: Room) -> None:
    room.settle()
    assert {"feeds/gongan.rss", "feeds/gongan.rss.gz"} <= room.names()
    with room.db.write() as session:
        moved = categories.rename(session, "gongan", "jingwu", NOW)
    room.publish("jingwu", "all", "corrections")
    room.shelf.put(moved.documents)
    room.settle()
    assert [name for name in room.names() if "gongan" in name] == []
    assert {f"feeds/jingwu.{format}" for format in FORMATS} <= room.names()


def test_what_cannot_be_written_harms_nothing_and_is_made_good(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "RETRY", 0.0)
    shutil.rmtree(room.directory)
    room.directory.write_text("not a folder")
    receive(room.db, 901)
    room.publish()
    room.settle()
    assert title_of(901).encode() in room.shelf.load_all()["/feeds/all.json"].body
    room.directory.unlink()
    room.settle()
    assert_all_as_served(room)


def test_on_a_full_disk_a_withdrawn_text_goes_all_the_same(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "RETRY", 0.0)
    number = 203
    revise(room.db, number, status="withdrawn", kind="withdrawn")
    Publisher(room.db, room.shelf, SITE).publish(("gongan", "all"))
    with capture_logs() as logs, full_disk():
        room.files.published(("gongan", "all"))
    assert {each["event"] for each in logs} == {"files_not_written"}
    assert room.anywhere(f"第{number}次夜巡平安") == []
    room.settle()
    assert_all_as_served(room)


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_others_published_is_followed(room: Room) -> None:
    receive(room.db, 902)
    Publisher(room.db, room.shelf, SITE).publish(("gongan", "all"))
    room.files.keep_up()
    assert title_of(902) in (room.directory / "feeds" / "gongan.json").read_text()
    room.settle()
    assert_all_as_served(room)


def test_a_cache_in_front_is_told_every_address(room: Room) -> None:
    revise(room.db, 3, status="withdrawn", kind="withdrawn")
    with capture_logs() as logs:
        room.publish()
    told = {path for each in logs if each["event"] == "files_changed" for path in each["paths"]}
    month = Month.of(NOW)
    assert told >= {"/feeds/gongan.rss", "/feeds/all.json", f"/feeds/gongan/{month}.atom?part=2"}
    assert not any("part-" in path for path in told)


def test_a_text_withdrawn_after_its_correction_leaves_the_corrections_of_an_older_month(
    room: Room,
) -> None:
    revise(room.db, 3, status="corrected", kind="corrected")
    room.publish()
    room.settle()
    assert_all_as_served(room)
    later = NOW + timedelta(days=40)
    revise(room.db, 3, status="withdrawn", kind="withdrawn", at=later)
    room.publish()
    assert room.anywhere("第3次夜巡平安") == []
    room.settle()
    assert_all_as_served(room)


def test_withdrawals_are_followed_however_many_changes_came_with_them(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_files, "CHANGES_AT_ONCE", 3)
    numbers = (1, 2, 101, 102, 103, 104, 105, 201)
    for number in numbers:
        revise(room.db, number, status="withdrawn", kind="withdrawn")
    Publisher(room.db, room.shelf, SITE).publish(("gongan", "all"))
    room.files.keep_up()
    assert [name for number in numbers for name in room.anywhere(f"第{number}次夜巡平安")] == []
    room.settle()
    assert_all_as_served(room)


def test_a_publication_waits_for_more_changes_than_one_look_takes(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_files, "CHANGES_AT_ONCE", 2)
    take(room.db, 0, 31, 32, 33)
    revise(room.db, 203, status="withdrawn", kind="withdrawn")
    room.publish()
    assert room.anywhere("第203次夜巡平安") == []


def test_what_a_publication_leaves_of_withdrawals_is_written_before_all_that_can_wait(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    revise(room.db, 203, status="withdrawn", kind="withdrawn")
    room.files.keep_up()
    monkeypatch.setattr(pace, "PARTS_AT_ONCE", 0)
    room.files.published(("gongan", "all"))
    room.files.keep_up()
    # The feeds themselves were not published: there is nothing to follow.
    left = room.anywhere("第203次夜巡平安")
    assert [name for name in left if name.count("/") > 1] == []


class RefusingPast(Past):
    """One part of `all` cannot be made, as where two entries break a document together."""

    refused: tuple[str, str, int] | None = None

    def month_in_all_formats(self, slug: str, month: Month, part: int) -> list[FeedDocument]:
        if (slug, str(month), part) == self.refused:
            raise RenderError(slug, "shows one id twice")
        return super().month_in_all_formats(slug, month, part)


def test_a_part_that_cannot_be_made_goes_and_holds_up_no_other(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "RETRY", 0.0)
    made = RefusingPast(room.db, SITE)
    files = Files(room.db, room.shelf, FileTree(room.directory), made, SITE)
    for _ in range(9):
        files.keep_up()
    month = Month.of(NOW - timedelta(days=62))
    made.refused = ("all", str(month), 2)
    for number in (103, 203, 204):
        revise(room.db, number, status="withdrawn", kind="withdrawn")
    Publisher(room.db, room.shelf, SITE).publish(("gongan", "all"))
    with capture_logs() as logs:
        for _ in range(9):
            files.keep_up()
    for number in (103, 203, 204):
        assert room.anywhere(f"第{number}次夜巡平安") == []
    refused = [each for each in logs if each["event"] == "archive_not_made"]
    assert [(each["feed"], each["month"], each["part"]) for each in refused] == [made.refused]
    assert f"feeds/all/{month}.part-2.rss" not in room.names()
    told = {path for each in logs if each["event"] == "files_changed" for path in each["paths"]}
    assert f"/feeds/all/{month}.rss?part=2" in told
    made.refused = None
    monkeypatch.setattr(pace, "COMPARE_EVERY", 0.0)
    again = Files(room.db, room.shelf, FileTree(room.directory), made, SITE)
    for _ in range(9):
        again.keep_up()
    assert_all_as_served(room)


def test_on_a_full_disk_every_part_with_a_withdrawn_text_goes(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "RETRY", 0.0)
    monkeypatch.setattr(pace, "PARTS_AT_ONCE", 0)
    for number in (103, 203):
        revise(room.db, number, status="withdrawn", kind="withdrawn")
    # Noted down while there was space.
    room.publish()
    with capture_logs(), full_disk():
        room.settle()
    assert [*room.anywhere("第103次夜巡平安"), *room.anywhere("第203次夜巡平安")] == []
    room.settle()
    assert_all_as_served(room)


def test_the_folder_is_searched_where_a_document_has_gone_and_once_an_hour(room: Room) -> None:
    stray = room.directory / "feeds" / "stray.rss"
    stray.write_text("nobody's")
    receive(room.db, 903)
    room.publish()
    room.settle()
    assert stray.exists()
    with room.db.write() as session:
        moved = categories.rename(session, "gongan", "jingwu", NOW)
    room.publish("jingwu", "all", "corrections")
    room.shelf.put(moved.documents)
    room.settle()
    assert not stray.exists()
    stray.write_text("nobody's")
    Files(room.db, room.shelf, FileTree(room.directory), room.past, SITE).keep_up()
    assert not stray.exists()


def archives_made(room: Room) -> list[str]:
    """Let the files catch up; the parts of archives that were rendered for it."""
    with capture_logs() as logs:
        room.publish()
        room.settle()
    paths = {each["address"] for each in logs if each["event"] == "past made"}
    return sorted(path.removeprefix(SITE.base_url) for path in paths if ".json" in path)


def test_a_pinned_article_and_a_new_section_make_no_archive_anew(room: Room) -> None:
    with room.db.write() as session:
        logged = changes.log_relabelling(session, ["gongan"], NOW, NOW)
        pins.add(session, "gongan", 1, logged.cursor, NOW)
    assert archives_made(room) == []
    with room.db.write() as session:
        categories.add(session, Category(slug="he", title="河边"), NOW)
    take(room.db, 1, 77)
    month = Month.of(NOW - timedelta(days=31))
    of_all, of_gongan = (f"/feeds/{slug}/{month}.json?part=3" for slug in ("all", "gongan"))
    assert archives_made(room) == [of_all, of_gongan]
    assert_all_as_served(room)


def test_a_feed_of_summaries_has_archives_of_summaries_and_others_stay(room: Room) -> None:
    with room.db.write() as session:
        logged = changes.log_relabelling(session, ["gongan"], NOW, NOW)
        feeds.set_content(session, "gongan", "summary", logged.cursor)
    made = archives_made(room)
    assert len(made) == MONTHS * 3
    assert {path.split("/")[2] for path in made} == {"gongan"}
    take(room.db, 1, 77)
    assert len(archives_made(room)) == 2
    assert_all_as_served(room)
