"""Pictures from a partner to our files: real HTTP, real databases, a clock that stands still."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.domain.picture import PictureUse
from feedsvc.ingest.pictures import PAUSES
from feedsvc.store import feeds, picture_claims, picture_use, pictures
from feedsvc.store.engine import Database
from feedsvc.store.tables import PICTURE
from feedsvc.text.html import sanitise
from tests import pictures as made
from tests.partner import Answer, Partner, partner_site
from tests.picture_desk import Desk, open_desk

PNG = ("Content-Type", "image/png")
LABEL = b'AIGC\x00{"Label":"1","ContentProducer":"yunling"}'


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        yield site


@pytest.fixture
def desk(db: Database, partner: Partner, tmp_path: Path) -> Iterator[Desk]:
    url = db.options.url
    with open_desk(url, partner, tmp_path) as opened:
        yield opened


@pytest.fixture
def quick(sqlite_db: Database, partner: Partner, tmp_path: Path) -> Iterator[Desk]:
    """For what no database can change."""
    with open_desk(sqlite_db.options.url, partner, tmp_path) as opened:
        yield opened


def states(desk: Desk) -> dict[str, tuple[str, str | None]]:
    """State and last error of every picture by its path."""
    with desk.db.read() as session:
        rows = session.execute(PICTURE.select())
        return {row.url.removeprefix(desk.partner.url): (row.state, row.error_kind) for row in rows}


def names_in(text: str) -> list[str]:
    return re.findall(r"/media/([0-9a-f]{40})\.", text)


def test_a_picture_follows_its_article_and_keeps_every_byte(desk: Desk) -> None:
    data = made.png(40, 30, note=LABEL)
    desk.partner.publish("/p/1.png", data, PNG)
    desk.take(1, "/p/1.png")
    before = desk.feed()
    assert f'href=\\"{desk.partner.url}/p/1.png\\"' in before, "until it is there it is a link"
    assert "<img" not in before

    assert desk.fetch() == 1
    after = desk.feed()
    [name] = names_in(after)
    assert (
        f'<img src=\\"{desk.media_url}{name}.png\\" alt=\\"图0\\" width=\\"40\\" height=\\"30\\">'
        in after
    )
    assert desk.partner.url + "/p/" not in after
    path = desk.media.find(name)
    assert path is not None
    assert path.read_bytes() == data
    assert LABEL in path.read_bytes()


def test_the_feed_moves_and_its_entry_does_not(desk: Desk) -> None:
    desk.partner.publish("/p/1.png", made.png(), PNG)
    desk.take(1, "/p/1.png")
    before = json.loads(desk.feed())
    desk.later(minutes=5)
    desk.fetch()
    after = json.loads(desk.feed())
    assert after["_feedsvc"]["updated"] > before["_feedsvc"]["updated"]
    [old], [new] = before["items"], after["items"]
    assert {key for key in new if new[key] != old.get(key)} == {"content_html"}


def test_the_article_page_is_the_referer(desk: Desk) -> None:
    partner = desk.partner

    def guarded() -> Answer:
        page = partner.asked["/p/1.png"].get("referer", "")
        if page != f"{partner.url}/news/7.html":
            return Answer(made.HTML, status=403, headers=(("Content-Type", "text/html"),))
        return Answer(made.png(), headers=(PNG,))

    partner.pages["/p/1.png"] = guarded
    desk.take(7, "/p/1.png")
    desk.fetch()
    assert states(desk) == {"/p/1.png": ("kept", None)}
    assert "image/avif" in partner.asked["/p/1.png"]["accept"]


def test_one_address_in_fifty_articles_is_fetched_once(desk: Desk) -> None:
    desk.partner.publish("/p/logo.gif", made.gif(), ("Content-Type", "image/gif"))
    for number in range(50):
        desk.take(number, "/p/logo.gif")
    desk.fetch()
    desk.take(50, "/p/logo.gif")
    desk.fetch()
    assert desk.partner.count("/p/logo.gif") == 1
    assert len(names_in(desk.feed())) == 51


def test_the_same_bytes_under_many_addresses_are_stored_once(desk: Desk) -> None:
    for number in range(5):
        desk.partner.publish(f"/p/{number}.jpg", made.jpeg(), ("Content-Type", "image/jpeg"))
    desk.take(1, *(f"/p/{number}.jpg" for number in range(5)))
    desk.fetch()
    assert len(set(names_in(desk.feed()))) == 1
    assert len(list(desk.services.settings.home.glob("media/*/??/*"))) == 1


def bad_answers() -> dict[str, tuple[bytes, int, tuple[tuple[str, str], ...], str, str]]:
    """Name → body, status, headers; then state and error after the first try."""
    jpeg = ("Content-Type", "image/jpeg")
    return {
        "page": (made.HTML, 200, (jpeg,), "wanted", "not_a_picture"),
        "svg": (made.SVG, 200, (PNG,), "refused", "not_a_picture"),
        "cut": (made.png()[:-20], 200, (PNG,), "wanted", "not_a_picture"),
        "bomb": (made.png_bomb(), 200, (PNG,), "refused", "not_a_picture"),
        "missing": (b"", 404, (), "wanted", "http_status"),
        "gone": (b"", 410, (), "refused", "http_status"),
        "forbidden": (b"", 403, (), "wanted", "http_status"),
        "busy": (b"", 503, (("Retry-After", "7200"),), "wanted", "http_status"),
        "large": (made.png() + b"\x00" * 20_000_000, 200, (PNG,), "refused", "too_large"),
        "inside": (b"", 302, (("Location", "http://10.1.2.3/p.png"),), "refused", "address_refused"),
        "empty": (b"", 200, (PNG,), "wanted", "not_a_picture"),
    }  # fmt: skip


@pytest.mark.parametrize("name", bad_answers())
def test_what_is_no_picture_stays_a_link(quick: Desk, name: str) -> None:
    body, status, headers, state, error = bad_answers()[name]
    quick.partner.pages["/p/bad"] = Answer(body, status=status, headers=headers)
    quick.partner.publish("/p/good.webp", made.webp(), PNG)
    quick.take(1, "/p/bad", "/p/good.webp")
    assert quick.fetch() == 2
    assert states(quick) == {"/p/bad": (state, error), "/p/good.webp": ("kept", None)}
    with quick.db.read() as session:
        found = pictures.of_article(session, quick.article(1).id)
    [bad, good] = sorted(found, key=lambda each: each.url)
    assert (bad.state, bad.error, bad.hash) == (state, error, "")
    assert (good.state, good.error, good.width) == ("kept", "", 8)
    feed = quick.feed()
    assert f'<a href=\\"{quick.partner.url}/p/bad\\">图0</a>' in feed
    assert len(names_in(feed)) == 1, "the good one is shown, whatever type was claimed"
    assert ".webp" in feed


def test_trackers_vanish(quick: Desk) -> None:
    quick.partner.publish("/t.gif", made.gif(1, 1), ("Content-Type", "image/gif"))
    quick.take(1, "/t.gif")
    quick.fetch()
    assert states(quick) == {"/t.gif": ("dropped", None)}
    feed = quick.feed()
    assert "t.gif" not in feed
    assert "图0" not in feed
    assert list(quick.services.settings.home.glob("media/*/??/*")) == []


def test_addresses_that_hold_their_picture_never_arrive() -> None:
    body = '<p>甲<img src="data:image/png;base64,iVBORw0KGgo=" alt="图"></p>'
    assert sanitise(body, base_url="https://partner.example/").html == "<p>甲</p>"


def test_a_picture_that_fails_is_tried_less_and_less_often_and_then_no_more(quick: Desk) -> None:
    quick.partner.pages["/p/1.png"] = Answer(b"", status=500)
    quick.take(1, "/p/1.png")
    for pause in PAUSES:
        assert quick.fetch() == 1
        assert quick.fetch() == 0
        quick.later(seconds=pause.total_seconds() - 1)
        assert quick.fetch() == 0
        quick.later(seconds=2)
    assert quick.fetch() == 1
    assert states(quick) == {"/p/1.png": ("refused", "http_status")}
    quick.later(days=400)
    assert quick.fetch() == 0
    assert quick.partner.count("/p/1.png") == len(PAUSES) + 1

    quick.partner.publish("/p/1.png", made.png(), PNG)
    quick.take(2, "/p/1.png")
    assert quick.fetch() == 1
    assert len(names_in(quick.feed())) == 2, "another article gives it another chance"


def test_retry_after_is_honoured(quick: Desk) -> None:
    quick.partner.pages["/p/1.png"] = Answer(b"", status=429, headers=(("Retry-After", "7200"),))
    quick.take(1, "/p/1.png")
    quick.fetch()
    quick.later(minutes=119)
    assert quick.fetch() == 0
    quick.later(minutes=2)
    assert quick.fetch() == 1


@pytest.mark.parametrize("use", ["link", "drop"])
def test_nothing_is_fetched_where_copies_are_not_allowed(
    sqlite_db: Database, partner: Partner, tmp_path: Path, use: str
) -> None:
    with open_desk(sqlite_db.options.url, partner, tmp_path, use=use) as desk:  # type: ignore[arg-type]
        desk.take(1, "/p/1.png", enclosed=("/p/2.png", "/p/a.mp3"))
        assert desk.fetch() == 0
        assert partner.count("/p/1.png") == 0
        for format in ("rss", "atom", "json"):
            feed = desk.feed(format)
            assert "<img" not in feed
            assert ("1.png" in feed) == ("2.png" in feed) == (use == "link")
            assert "a.mp3" in feed


def test_enclosed_pictures_are_ours_with_all_their_measures(quick: Desk) -> None:
    data = made.jpeg(640, 480)
    quick.partner.publish("/p/1.jpg", data, PNG)
    quick.take(1, enclosed=("/p/1.jpg", "/p/none.jpg", "/p/a.mp3"))
    quick.fetch()
    rss = quick.feed("rss")
    [item] = json.loads(quick.feed("json"))["items"]
    [ours, sound] = item["attachments"]
    assert ours == {"url": item["image"], "mime_type": "image/jpeg", "size_in_bytes": len(data)}
    assert item["image"].startswith(quick.media_url)
    assert sound["url"].endswith("/p/a.mp3")
    assert f'<enclosure url="{item["image"]}" length="{len(data)}" type="image/jpeg"/>' in rss
    assert (
        f'<media:content url="{item["image"]}" type="image/jpeg" medium="image" '
        f'fileSize="{len(data)}" width="640" height="480"/>'
    ) in rss
    assert f'<media:thumbnail url="{item["image"]}" width="640" height="480"/>' in rss
    assert f'<a href="{quick.partner.url}/p/none.jpg">' in item["content_html"]
    assert f'rel="enclosure" href="{item["image"]}" type="image/jpeg" length="{len(data)}"' in (
        quick.feed("atom")
    )


def test_workers_share_the_work_and_nothing_is_fetched_twice(desk: Desk) -> None:
    def slow() -> Answer:
        threading.Event().wait(0.02)
        return Answer(made.png(), headers=(PNG,))

    paths = [f"/p/{number}.png" for number in range(12)]
    desk.partner.pages.update(dict.fromkeys(paths, slow))
    desk.take(1, *paths)
    threads = [
        threading.Thread(target=desk.services.pictures.fetch_due, kwargs={"seconds": 20})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.fetch()
    assert {state for state, _ in states(desk).values()} == {"kept"}
    assert all(desk.partner.count(path) == 1 for path in paths)


def test_a_worker_that_was_overtaken_changes_nothing(desk: Desk) -> None:
    desk.take(1, "/p/1.png")
    with desk.db.write() as session:
        first = picture_claims.claim(session, desk.now, seconds=60)
    assert first is not None
    assert desk.fetch() == 0, "it is leased"
    desk.later(minutes=2)
    desk.partner.publish("/p/1.png", made.png(), PNG)
    assert desk.fetch() == 1
    with pytest.raises(Exception, match="another worker"), desk.db.write() as session:
        picture_claims.refuse(session, first, "timeout", desk.now)
    assert states(desk) == {"/p/1.png": ("kept", None)}


def test_pictures_of_withdrawn_articles_are_not_asked_for(desk: Desk) -> None:
    desk.take(1, "/p/1.png")
    desk.revise(1, status="withdrawn")
    desk.fetch()
    assert desk.partner.count("/p/1.png") == 0


def test_a_correction_that_leaves_a_picture_out_takes_it_from_the_public(desk: Desk) -> None:
    desk.partner.publish("/p/1.png", made.png(shade=1), PNG)
    desk.partner.publish("/p/2.png", made.png(shade=2), PNG)
    desk.take(1, "/p/1.png")
    desk.fetch()
    [first] = names_in(desk.feed())
    wrong = desk.article(1).content.body_html
    desk.revise(1, status="corrected", body=wrong.replace("/p/1.png", "/p/2.png"))
    assert desk.media.find(first) is None
    assert desk.media.is_withheld(first)
    desk.fetch()
    [second] = names_in(desk.feed())
    assert second != first
    desk.revise(1, status="corrected", body=wrong)
    assert desk.media.find(first) is not None, "what was shown once can be shown again"
    assert desk.media.find(second) is None


def test_pictures_are_looked_up_once_for_a_whole_window(quick: Desk) -> None:
    for number in range(30):
        quick.partner.publish(f"/p/{number}.png", made.png(shade=number), PNG)
        quick.take(number, f"/p/{number}.png")
        quick.later(minutes=1)
    quick.fetch()
    with quick.db.read() as session:
        articles = [quick.article(number) for number in range(30)]
        shown = pictures.illustrated(session, articles)
    assert [len(each.pictures) for each in shown] == [1] * 30
    assert len(set(names_in(quick.feed()))) == 30


def test_spacing_holds_for_pictures_too(
    sqlite_db: Database, partner: Partner, tmp_path: Path
) -> None:
    with open_desk(sqlite_db.options.url, partner, tmp_path, domain_spacing="90") as desk:
        for number in range(3):
            partner.publish(f"/p/{number}.png", made.png(shade=number), PNG)
        desk.take(1, *(f"/p/{number}.png" for number in range(3)))
        desk.fetch()
        assert sum(partner.requests.values()) == 1, "the others' turn is far away"
        desk.later(seconds=timedelta(minutes=3).total_seconds())
        desk.fetch()
        assert sum(partner.requests.values()) == 2


def test_a_source_that_takes_its_permission_back_is_obeyed_at_once(desk: Desk) -> None:
    desk.partner.publish("/p/1.png", made.png(), PNG)
    desk.take(1, "/p/1.png")
    desk.fetch()
    [name] = names_in(desk.feed())
    use_pictures(desk, "drop")
    assert desk.media.find(name) is None
    assert "1.png" not in desk.feed()
    desk.take(2, "/p/2.png")
    use_pictures(desk, "link")
    feed = desk.feed()
    assert names_in(feed) == []
    assert "/p/1.png" in feed
    desk.partner.publish("/p/2.png", made.png(shade=1), PNG)
    use_pictures(desk, "mirror")
    assert desk.media.find(name) is not None
    desk.fetch()
    assert len(names_in(desk.feed())) == 2, "what was taken in meanwhile is fetched too"


def test_who_asks_for_changes_hears_of_pictures(desk: Desk) -> None:
    desk.partner.publish("/p/1.png", made.png(), PNG)
    desk.take(1, "/p/1.png")
    desk.take(2)
    with desk.db.read() as session:
        before = feeds.state(session, "gongan").cursor
    desk.fetch()
    use_pictures(desk, "drop")
    with desk.db.read() as session:
        snapshot = feeds.snapshot(session, "gongan", feeds.Window())
        changed = {article_id for article_id, cursor in snapshot.cursors.items() if cursor > before}
    assert changed == {desk.article(1).id}
    assert max(snapshot.cursors.values()) == snapshot.state.cursor, "no change is without its entry"


def use_pictures(desk: Desk, use: PictureUse) -> None:
    with desk.db.write() as session:
        assert picture_use.set_use(session, "yunling", use, desk.now).feeds == ("all", "gongan")
        assert picture_use.set_use(session, "yunling", use, desk.now).feeds == ()
    desk.settle()
