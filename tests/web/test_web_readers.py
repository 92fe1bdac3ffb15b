"""Subscribing: links for each reader, and one choice that is remembered where the visitor wants it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from werkzeug.test import Client

from feedsvc.app import create_app
from feedsvc.domain.feed import Site
from feedsvc.store.paces import Pace
from feedsvc.web import readers
from feedsvc.web.pace import Rate, rate
from feedsvc.web.standing import health
from tests.browser import open_browser, visit
from tests.web.stage import SITE, Buffered, Stage, draft, open_stage

FEED = "https://news.example/feeds/gongan.rss"
ENCODED = "https%3A%2F%2Fnews.example%2Ffeeds%2Fgongan.rss"
PAGES = ("/", "/feeds/", "/feeds/gongan", "/c/gongan", "/a/1")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    opened = open_stage(tmp_path_factory.mktemp("readers"))
    opened.take(draft(1), draft(2))
    opened.publish()
    yield opened
    opened.db.dispose()


@pytest.fixture
def client(stage: Stage) -> Client:
    # Without a jar of its own: each request says what it remembers.
    return Buffered(create_app(stage), use_cookies=False)


def links_of(client: Client, path: str) -> list[str]:
    found: list[str] = html.document_fromstring(client.get(path).data).xpath("//main//a/@href")
    return found


@pytest.mark.parametrize(
    ("reader", "link"),
    [
        ("app", f"feed:{FEED}"),
        ("feedly", f"https://feedly.com/i/subscription/feed%2F{ENCODED}"),
        ("inoreader", f"https://www.inoreader.com/?add_feed={ENCODED}"),
        ("newsblur", f"https://www.newsblur.com/?url={ENCODED}"),
        ("oldreader", f"https://theoldreader.com/feeds/subscribe?url={ENCODED}"),
        ("feedbin", f"https://feedbin.com/?subscribe={ENCODED}"),
        ("folo", f"follow://add?url={ENCODED}"),
        ("freshrss", f"https://rss.example.org/i/?c=feed&a=add&url_rss={ENCODED}"),
        ("miniflux", f"https://rss.example.org/bookmarklet?uri={ENCODED}"),
    ],
)
def test_each_reader_gets_the_feed_in_its_own_way(reader: str, link: str) -> None:
    choice = readers.choose(reader, "https://rss.example.org/")
    assert choice is not None
    assert choice.link(FEED) == link
    assert readers.remembered(readers.value_of(choice)) == choice


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("rss.example.org", "https://rss.example.org"),
        ("http://192.168.1.2:8080/mf/", "http://192.168.1.2:8080/mf"),
        (" https://me:secret@rss.example.org/?a=1#b ", "https://rss.example.org"),
        ("javascript:alert(1)", ""),
        ("javascript://x/%0aalert(1)", ""),
        ("data:text/html,x", ""),
        ("", ""),
        ("rss example org", ""),
        ("https://{feed}/", ""),
        ("https://" + "a" * 300, ""),
    ],
)
def test_an_own_address_is_one_of_a_web_server(said: str, meant: str) -> None:
    assert readers.own_address(said) == meant


@given(
    slug=st.sampled_from([*readers.BY_SLUG, "none", "x"]), own=st.text(max_size=60), feed=st.text()
)
def test_a_link_leads_to_the_reader_that_its_name_says(slug: str, own: str, feed: str) -> None:
    choice = readers.choose(slug, own)
    if choice is None:
        return
    link = choice.link(feed)
    scheme = urlsplit(choice.reader.link).scheme
    if choice.reader.is_own:
        assert link.startswith(f"{choice.own}/")
        assert choice.own.startswith(("https://", "http://"))
        assert urlsplit(choice.own).netloc in choice.name
    else:
        assert link.startswith(f"{scheme}:")
    assert readers.remembered(readers.value_of(choice)) == choice


def test_the_choice_is_kept_and_shown_first(client: Client) -> None:
    assert links_of(client, "/feeds/gongan")[0].startswith("feed:")
    answer = client.get("/subscribe?reader=feedly&feed=gongan")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/feeds/gongan#reader")
    assert answer.headers["Cache-Control"] == "no-store"
    [cookie] = SimpleCookie(answer.headers["Set-Cookie"]).values()
    assert (cookie.value, cookie["samesite"], cookie["path"]) == ("feedly", "Lax", "/")
    assert cookie["httponly"] is cookie["secure"] is True
    for path in PAGES:
        page = client.get(path, headers={"Cookie": "reader=feedly"})
        assert "Cookie" in page.headers["Vary"]
        assert page.headers["Cache-Control"] == "private, no-cache"
        assert "Set-Cookie" not in page.headers
        assert ENCODED in page.text or path in {"/", "/feeds/"}
    shown = client.get("/feeds/", headers={"Cookie": "reader=feedly"})
    assert "用 Feedly 订阅" in shown.text
    assert "feedly.com" not in client.get("/feeds/", headers={"Cookie": "reader=<x>"}).text


def test_ones_own_reader_is_named_with_its_host(client: Client) -> None:
    client.get("/subscribe?reader=miniflux&own=rss.example.org/mf")
    page = client.get(
        "/feeds/gongan", headers={"Cookie": "reader=miniflux@https://rss.example.org/mf"}
    )
    assert "Miniflux (rss.example.org)" in page.text
    first = html.document_fromstring(page.data).xpath(
        "//main//ul[contains(@class,'readers')]//a/@href"
    )[0]
    assert first == f"https://rss.example.org/mf/bookmarklet?uri={ENCODED}"


def test_an_unusable_own_address_is_said_and_nothing_kept(client: Client) -> None:
    answer = client.get("/subscribe?reader=miniflux&own=javascript:alert(1)&feed=gongan")
    assert answer.headers["Location"] == "/feeds/gongan?unclear=1#reader"
    assert "Set-Cookie" not in answer.headers
    assert 'role="alert"' in client.get("/feeds/gongan?unclear=1").text


def test_a_choice_can_be_forgotten(client: Client) -> None:
    [cookie] = SimpleCookie(client.get("/subscribe?reader=none").headers["Set-Cookie"]).values()
    assert (cookie.value, cookie["max-age"]) == ("", "0")


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "../a", "a\r\nX: 1", "", "%2f"]
)
def test_the_way_back_is_always_ours(client: Client, back: str) -> None:
    answer = client.get("/subscribe", query_string={"reader": "feedly", "feed": back})
    assert answer.headers["Location"] == "/feeds/#reader"


def test_another_site_cannot_choose_for_a_visitor(client: Client) -> None:
    asked = "/subscribe?reader=miniflux&own=evil.example"
    assert "Set-Cookie" not in client.get(asked, headers={"Sec-Fetch-Site": "cross-site"}).headers
    assert "Set-Cookie" in client.get(asked, headers={"Sec-Fetch-Site": "same-origin"}).headers


@pytest.mark.parametrize(
    "path", ["/feeds/gongan.rss", "/feeds/all.json", "/feeds.opml", "/sitemap.xml"]
)
def test_documents_neither_set_nor_read_the_cookie(client: Client, path: str) -> None:
    plain = client.get(path)
    chosen = client.get(path, headers={"Cookie": "reader=feedly"})
    assert plain.data == chosen.data
    assert plain.headers["ETag"] == chosen.headers["ETag"]
    for answer in (plain, chosen):
        assert "Set-Cookie" not in answer.headers
        assert "cookie" not in answer.headers.get("Vary", "").lower()


NEWEST = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "days", "meant"),
    [
        (0, 1, None),
        (1, 0, Rate(1, "day")),
        (420, 30, Rate(14, "day")),
        (24, 0.1, Rate(24, "day")),
        (30, 30, Rate(1, "day")),
        (12, 30, Rate(3, "week")),
        (1, 30, Rate(1, "month")),
        (3, 30, Rate(3, "month")),
    ],
)
def test_a_rate_is_said_in_the_unit_that_has_one(
    count: int, days: float, meant: Rate | None
) -> None:
    pace = Pace(count=count, since=NEWEST - timedelta(days=days), newest=NEWEST)
    assert rate(pace) == meant
    assert rate(None) is None


@pytest.mark.parametrize(
    ("cursors", "meant"),
    [
        ([None, None, None], "pending"),
        ([7, 7, 7], "current"),
        ([8, 8, 8], "current"),
        ([7, 6, 7], "behind"),
        ([7, None, 7], "behind"),
    ],
)
def test_health_is_read_from_what_is_published(cursors: list[int | None], meant: str) -> None:
    assert health(cursors, 7) == meant


def test_the_list_says_how_often_and_whether_all_is_out(client: Client) -> None:
    text = client.get("/feeds/").text
    assert "每天约 2 篇" in text
    assert text.count("✓ 正常，已是最新") == 3


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None: ...


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The stage over real HTTP on a free port."""
    with make_server("127.0.0.1", 0, lambda *_: [], handler_class=_Quiet) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        opened = open_stage(folder, site=Site(base_url=url, title=SITE.title))
        opened.take(draft(1), draft(2))
        opened.publish()
        server.set_app(create_app(opened))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield url
        finally:
            server.shutdown()
            thread.join()
            opened.db.dispose()


@pytest.mark.parametrize("width", [390, 1200])
def test_a_visitor_chooses_by_keyboard_and_the_browser_has_no_complaint(
    tmp_path: Path, width: int
) -> None:
    with served(tmp_path) as url, open_browser() as browser, visit(browser, f"{url}/a/1") as seen:
        page = seen.page
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{url}/feeds/gongan.rss")
        page.focus("input[value=app]")
        for _ in range(8):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.type("rss.example.org")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{url}/feeds/gongan#reader")
        link = page.get_attribute("ul.readers a.first", "href") or ""
        assert unquote(link) == f"https://rss.example.org/bookmarklet?uri={url}/feeds/gongan.rss"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.input_value("#own") == "https://rss.example.org"
        # Not even of the block of data that article pages carry.
        assert seen.complaints == []
