"""The sample partner over real HTTP on loopback."""

from __future__ import annotations

import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message

import feedparser
import pytest
from lxml import html

from feedsvc.demo.site import KEPT_EVENTS, DemoSite

START = datetime(2026, 3, 9, 1, 2, 3, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still until it is told to move."""

    now: datetime = field(default=START)

    def __call__(self) -> datetime:
        return self.now

    def at(self, seconds: float) -> None:
        self.now = START + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(clock: Clock) -> Iterator[DemoSite]:
    site = DemoSite(START, clock=clock)
    site.start()
    yield site
    site.stop()


def ask(site: DemoSite, path: str, method: str = "GET", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(site.base_url + path, method=method, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return Reply(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())


def test_the_front_page_lists_articles_and_names_the_feeds(site: DemoSite) -> None:
    page = ask(site, "/")
    assert page.status == 200
    tree = html.fromstring(page.text)
    feeds = {link.get("type"): link.get("href") for link in tree.xpath("//link[@rel='alternate']")}
    assert feeds == {"application/rss+xml": "/rss.xml", "application/atom+xml": "/atom.xml"}
    links = tree.xpath("//li/a/@href")
    assert len(links) == 6 + 6 + 8 + 5
    assert all(ask(site, link).status == 200 for link in links)


def test_feeds_are_served_with_their_types_and_can_be_read(site: DemoSite) -> None:
    for name, kind in (("rss", "application/rss+xml"), ("atom", "application/atom+xml")):
        reply = ask(site, f"/{name}.xml")
        assert reply.headers["Content-Type"] == f"{kind}; charset=utf-8"
        assert int(reply.headers["Content-Length"]) == len(reply.body)
        found = feedparser.parse(reply.body)
        assert not found.bozo
        assert len(found.entries) == 6
        assert all(
            ask(site, entry.link.removeprefix(site.base_url)).status == 200
            for entry in found.entries
        )


def test_the_broken_feed_is_served_as_xml(site: DemoSite) -> None:
    reply = ask(site, "/broken.xml")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"


@pytest.mark.parametrize("path", ["/rss.xml", "/atom.xml", "/broken.xml", "/n3559/index.html"])
def test_a_conditional_request_costs_nothing_until_something_happens(
    site: DemoSite, clock: Clock, path: str
) -> None:
    clock.at(5)
    first = ask(site, path)
    again = ask(site, path, If_None_Match=first.headers["ETag"])
    since = ask(site, path, If_Modified_Since=first.headers["Last-Modified"])
    assert (first.status, again.status, since.status) == (200, 304, 304)
    assert again.body == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    clock.at(100)
    assert ask(site, path, If_None_Match=first.headers["ETag"]).status == 200
    assert ask(site, path, If_Modified_Since=first.headers["Last-Modified"]).status == 200


def test_one_poll_of_the_rss_source_fails_in_each_round(site: DemoSite, clock: Clock) -> None:
    assert ask(site, "/rss.xml").status == 200
    clock.at(62)
    assert ask(site, "/atom.xml").status == 200
    assert [ask(site, "/rss.xml").status for _ in range(3)] == [500, 200, 200]
    clock.at(75)
    assert ask(site, "/rss.xml").status == 200
    clock.at(185)
    assert [ask(site, "/rss.xml").status for _ in range(2)] == [500, 200]


def test_an_article_page_has_the_form_of_the_press(site: DemoSite) -> None:
    tree = html.fromstring(ask(site, "/news/yl1001.html").text)
    text = tree.text_content()
    assert "发布时间:2026-03-06 09:20 | 来源:云岭警务网" in text
    assert "责任编辑:贺兰亭" in text
    assert "最新文章" in text
    assert "推荐文章" in text
    heading = tree.find(".//h1")
    assert heading is not None
    assert heading.text_content() == "云岭夜市亮起“小蓝灯” 望江门派出所把警务岗搬进烟火气里"
    assert "3月5日晚，记者在现场看到" in text


def test_a_withdrawn_article_is_gone_with_a_notice(site: DemoSite, clock: Clock) -> None:
    clock.at(70)
    page = ask(site, "/news/jw1007.html")
    assert page.status == 200
    clock.at(85)
    notice = ask(site, "/news/jw1007.html")
    assert notice.status == 410
    assert "【撤稿】公证员把章带到了病床前" in notice.text
    old = [
        each.text_content().strip()
        for each in html.fromstring(page.text).xpath("//div[@class='text']/p")
    ]
    assert len(old) > 5
    assert not any(each in notice.text for each in old)
    assert "/news/jw1007.html" not in ask(site, "/").text


def test_an_article_that_is_not_out_yet_is_not_found(site: DemoSite, clock: Clock) -> None:
    assert ask(site, "/news/yl1007.html").status == 404
    clock.at(20)
    assert ask(site, "/news/yl1007.html").status == 200


@pytest.mark.parametrize(
    "path", ["/nowhere", "/news/yl1000.html", "/news/yl9999.html", "/img/none.png", "/img/menpai.gif",
             "/n3559/202603/t20260301_835801.html"]
)  # fmt: skip
def test_other_paths_are_not_found(site: DemoSite, path: str) -> None:
    assert ask(site, path, Referer=f"{site.base_url}/").status == 404


def test_list_and_articles_are_gb18030_that_calls_itself_gb2312(site: DemoSite) -> None:
    pages = [ask(site, "/n3559/index.html"), ask(site, "/n3559/index_1.html")]
    for page in list(pages):
        links = re.findall(r'href="\./(\d{6}/t\d{8}_\d+\.html)"', page.body.decode("gb18030"))
        pages += [ask(site, f"/n3559/{link}") for link in links]
    assert len(pages) == 2 + 8
    for page in pages:
        assert page.status == 200
        assert page.headers["Content-Type"] == "text/html; charset=gb2312"
        assert b"charset=gb2312" in page.body
        page.body.decode("gb18030", "strict")
        with pytest.raises(UnicodeDecodeError):
            page.body.decode("gb2312", "strict")
        with pytest.raises(UnicodeDecodeError):
            page.body.decode("utf-8", "strict")


def test_pictures_are_served_to_the_partners_own_pages_only(site: DemoSite) -> None:
    page = html.fromstring(ask(site, "/news/yl1002.html").text)
    assert page.xpath("//div[@class='text']//img/@src") == ["../img/menpai.png"]
    picture = ask(site, "/img/menpai.png", Referer=f"{site.base_url}/news/yl1002.html")
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.body.startswith(b"\x89PNG")
    feed = ask(site, "/rss.xml").text
    assert f"{site.base_url}/img/menpai.png" in feed
    for foreign in (
        {},
        {"Referer": "https://other.example/"},
        {"Referer": f"{site.base_url}.example/"},
    ):
        refused = ask(site, "/img/menpai.png", **foreign)
        assert refused.status == 403
        assert "图片仅供本站页面使用" in refused.text


def test_the_feed_encloses_its_pictures(site: DemoSite) -> None:
    found = feedparser.parse(ask(site, "/rss.xml").body)
    enclosures = [each for entry in found.entries for each in entry.enclosures]
    assert len(enclosures) == 2
    for each in enclosures:
        path = each.href.removeprefix(site.base_url)
        picture = ask(site, path, Referer=f"{site.base_url}/")
        assert (int(each.length), each.type) == (len(picture.body), "image/png")


def test_head_gives_the_headers_alone(site: DemoSite) -> None:
    whole, head = ask(site, "/rss.xml"), ask(site, "/rss.xml", method="HEAD")
    assert head.status == 200
    assert head.body == b""
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(whole.body))


def test_a_query_is_left_aside(site: DemoSite) -> None:
    assert ask(site, "/news/sy1003.html?from=feed&column=2").status == 200


def test_every_request_is_noted(site: DemoSite, clock: Clock) -> None:
    clock.at(7)
    ask(site, "/rss.xml?x=1")
    ask(site, "/nowhere")
    assert [(event.at, event.path, event.status) for event in site.events] == [
        (clock.now, "/rss.xml", 200),
        (clock.now, "/nowhere", 404),
    ]


def test_notes_are_kept_within_bounds(clock: Clock) -> None:
    site = DemoSite(START, clock=clock)
    for number in range(KEPT_EVENTS + 3):
        site.respond(f"/{number}", None, None)
    assert len(site.events) == KEPT_EVENTS
    assert site.events[0].path == "/3"


def test_addresses_are_known_by_name(site: DemoSite) -> None:
    assert site.urls == {
        "home": f"http://127.0.0.1:{site.port}/",
        "rss": f"http://127.0.0.1:{site.port}/rss.xml",
        "atom": f"http://127.0.0.1:{site.port}/atom.xml",
        "list": f"http://127.0.0.1:{site.port}/n3559/index.html",
        "broken": f"http://127.0.0.1:{site.port}/broken.xml",
    }


def test_a_stop_is_quick_and_frees_the_port(clock: Clock) -> None:
    site = DemoSite(START, clock=clock)
    site.start()
    port = site.port
    with socket.create_connection(("127.0.0.1", port)) as idle:
        before = ask(site, "/rss.xml").body
        started = time.monotonic()
        site.stop()
        assert time.monotonic() - started < 3
        again = DemoSite(START, port=port, clock=clock)
        again.start()
        try:
            assert again.port == port
            assert ask(again, "/rss.xml").body == before
        finally:
            again.stop()
        idle.close()
    site.stop()


def test_a_port_that_is_taken_is_an_error_at_the_start(site: DemoSite, clock: Clock) -> None:
    other = DemoSite(START, port=site.port, clock=clock)
    with pytest.raises(OSError, match="in use"):
        other.start()
    other.stop()


def test_a_client_that_hangs_up_leaves_no_trace(
    site: DemoSite, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", site.port)) as client:
            client.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
            )
            client.sendall(b"GET /rss.xml HTTP/1.0\r\n")
    assert ask(site, "/rss.xml").status == 200
    assert capfd.readouterr().err == ""
