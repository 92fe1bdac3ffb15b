"""Who may see a picture, through races, deaths and housekeeping."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc.errors import StoreError
from feedsvc.publish.gallery import UNUSED_FOR
from feedsvc.store import outbox, picture_claims, pictures, removing
from feedsvc.store.engine import Database
from feedsvc.store.media import Media
from feedsvc.store.tables import PICTURE
from tests import pictures as made
from tests.partner import Partner, partner_site
from tests.picture_desk import Desk, open_desk

PNG = ("Content-Type", "image/png")
OLD = UNUSED_FOR.total_seconds() + 60


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        for number in range(9):
            site.publish(f"/p/{number}.png", made.png(shade=number), PNG)
        yield site


@pytest.fixture
def desk(db: Database, partner: Partner, tmp_path: Path) -> Iterator[Desk]:
    with open_desk(db.options.url, partner, tmp_path) as opened:
        yield opened


def files(desk: Desk, place: str) -> set[str]:
    return {path.name for path in desk.services.settings.home.glob(f"media/{place}/??/*")}


def truth(desk: Desk) -> set[str]:
    """The files that the database says the public may see."""
    with desk.db.read() as session:
        names = [row.hash for row in session.execute(PICTURE.select()) if row.hash]
        return pictures.shown_names(session, names)


def test_withdrawn_and_restored(desk: Desk) -> None:
    desk.take(1, "/p/1.png")
    desk.fetch()
    [name] = files(desk, "shown")
    desk.revise(1, status="withdrawn")
    assert (files(desk, "shown"), files(desk, "withheld")) == (set(), {name})
    desk.revise(1, status="live")
    assert (files(desk, "shown"), files(desk, "withheld")) == ({name}, set())


def test_a_picture_that_arrives_after_the_withdrawal_is_never_shown(desk: Desk) -> None:
    """The fetch is under way while the editor withdraws."""
    desk.take(1, "/p/1.png")
    with desk.db.write() as session:
        wanted = picture_claims.claim(session, desk.now, seconds=60)
    assert wanted is not None
    desk.revise(1, status="withdrawn")
    desk.services.pictures._keep(wanted, made.png(shade=1))
    assert files(desk, "shown") == set()
    desk.settle()
    assert files(desk, "shown") == set()


def test_what_a_killed_mover_left_undone_is_done_by_the_next(desk: Desk) -> None:
    desk.take(1, "/p/1.png")
    desk.fetch()
    with desk.db.write() as session:
        article = desk.article(1)
        outbox.put(session, outbox.PICTURES, str(article.id), 99, desk.now)
        assert outbox.claim(session, outbox.PICTURES, desk.now, limit=1, seconds=15)
    desk.revise(1, status="withdrawn")
    desk.later(seconds=16)
    desk.settle()
    assert files(desk, "shown") == set()


def test_any_order_of_acts_ends_with_what_the_database_says(desk: Desk) -> None:
    dice = random.Random(7)
    for number in range(6):
        desk.take(number, f"/p/{number % 3}.png", f"/p/{dice.randrange(3)}.png")
    desk.fetch()

    def settle_again_and_again() -> None:
        for _ in range(20):
            desk.settle()

    settlers = [threading.Thread(target=settle_again_and_again) for _ in range(3)]
    for thread in settlers:
        thread.start()
    for _ in range(25):
        number = dice.randrange(6)
        status = "live" if desk.article(number).status == "withdrawn" else "withdrawn"
        desk.later(seconds=1)
        desk.revise(number, status=status)  # type: ignore[arg-type]
    for thread in settlers:
        thread.join()
    desk.later(seconds=20)
    desk.settle()
    assert files(desk, "shown") == truth(desk)
    assert files(desk, "shown") | files(desk, "withheld") == {
        desk.media.keep(made.png(shade=number)) for number in range(3)
    }


def test_a_source_that_is_removed_takes_its_pictures_along(desk: Desk) -> None:
    desk.take(1, "/p/1.png", "/p/2.png")
    desk.take(2, "/p/2.png", source="jiangwan")
    desk.fetch()
    assert len(files(desk, "shown")) == 2
    with desk.db.write() as session:
        removing.remove_source(session, "yunling", desk.now)
    desk.settle()
    assert files(desk, "shown") == truth(desk)
    assert len(files(desk, "shown")) == 1

    gallery = desk.services.gallery
    gallery.clean(desk.now)
    age(desk)
    gallery.clean_files(desk.now)
    assert len(files(desk, "withheld")) == 1, "a day must pass first"
    desk.later(seconds=OLD)
    gallery.clean(desk.now)
    gallery.clean_files(desk.now)
    assert files(desk, "withheld") == set()
    assert len(files(desk, "shown")) == 1


def test_pictures_of_withdrawn_articles_are_not_tidied_away(desk: Desk) -> None:
    desk.take(1, "/p/1.png")
    desk.fetch()
    desk.revise(1, status="withdrawn")
    age(desk)
    desk.later(days=400)
    desk.services.gallery.clean(desk.now)
    desk.services.gallery.clean_files(desk.now)
    desk.revise(1, status="live")
    assert len(files(desk, "shown")) == 1


def age(desk: Desk) -> None:
    """Make every file a day old."""
    for path in desk.services.settings.home.glob("media/*/??/*"):
        os.utime(path, (time.time() - OLD, time.time() - OLD))


def test_halves_and_strangers_are_tidied_away_after_a_day(desk: Desk) -> None:
    media = desk.media
    stranger = media.keep(b"nobody's")
    folder = desk.services.settings.home / "media" / "withheld" / stranger[:2]
    (folder / ".tmp-1-2-half").write_bytes(b"half")
    gallery = desk.services.gallery
    gallery.clean_files(desk.now)
    assert media.is_withheld(stranger)
    age(desk)
    assert media.keep(b"nobody's") == stranger, "wanted again in the last moment"
    gallery.clean_files(desk.now)
    assert media.is_withheld(stranger)
    assert list(folder.glob(".tmp-*")) == []
    age(desk)
    gallery.clean_files(desk.now)
    assert not media.is_withheld(stranger)


def test_the_same_bytes_from_many_threads_are_one_file(tmp_path: Path) -> None:
    media = Media(tmp_path / "media")
    data = os.urandom(200_000)
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(media.keep(data))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [name] = set(names)
    assert len(names) == 8
    with media.alone():
        media.show(name)
    path = media.find(name)
    assert path is not None
    assert path.read_bytes() == data
    assert len(list((tmp_path / "media").rglob(f"*{name}*"))) == 1


def test_a_full_or_foreign_disk_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file where the folder should be")
    media = Media(tmp_path / "media")
    with pytest.raises(StoreError, match="pictures cannot be kept"):
        media.keep(b"x")
    assert media.find("0f" * 20) is None
