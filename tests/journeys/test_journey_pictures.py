"""Pictures reach readers whatever becomes of the partner: a real browser, real feed readers."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import etree, html

from feedsvc.demo.pictures import HEIGHT, WIDTH, draw
from tests import pictures as made
from tests.browser import open_browser, visit
from tests.journeys.test_journey_reader import Newsboat
from tests.needs import require_program
from tests.partner import Partner, Story, partner_site, rss
from tests.running import Service, eventually, service_in, started

SOURCES = ("demo-rss", "demo-atom", "demo-list", "demo-broken")
SCENES = ("menpai", "jiesan", "yeshi", "yugang", "dianti")
ADDRESS = re.compile(r"/media/([0-9a-f]{40})\.png")
PNG = ("Content-Type", "image/png")


@pytest.fixture(scope="module")
def bereft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that took in the whole demo, whose partner is gone: only the web server runs.

    The partner refuses pictures to all pages but its own.
    """
    service = service_in(tmp_path_factory.mktemp("pictures") / "home")
    with started(service, "demo", "partner", answers=False):
        eventually((service.home / "demo.json").exists, "the partner has an address")
        url = service.ask("demo", "load")["url"]
        assert service_refuses_strangers(url)
        for _ in range(2):  # one poll of a round fails
            service.run("sources", "poll", *SOURCES)
    with started(service, "web"):
        yield service


def service_refuses_strangers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/img/menpai.png", timeout=5).close()
    except urllib.error.HTTPError as error:
        with error:
            return error.code == 403
    return False


def illustrated(service: Service) -> dict[int, str]:
    """Articles of the demo that came with a picture: number → title."""
    rows = service.ask("articles", "list", "--limit", "200")
    shapes = [service.ask("articles", "show", str(row["id"])) for row in rows]
    return {shape["id"]: shape["title"] for shape in shapes if "<img" in shape["body_html"]}


def test_every_demo_picture_shows_in_a_browser_and_nothing_foreign_is_loaded(
    bereft: Service,
) -> None:
    articles = illustrated(bereft)
    assert len(articles) == len(SCENES)
    for number in articles:
        [picture] = bereft.ask("articles", "show", str(number))["pictures"]
        assert (picture["state"], picture["width"], picture["error"]) == ("kept", WIDTH, None)
    shown = set()
    with open_browser() as browser:
        for number in articles:
            with visit(browser, f"{bereft.url}/a/{number}") as seen:
                [picture] = seen.pictures()
                assert picture["natural"] == [WIDTH, HEIGHT], articles[number]
                assert float(str(picture["shown"])) > 300
                assert picture["alt"]
                shown.add(picture["src"])
                assert foreign(seen.asked, bereft) == []
                assert seen.complaints == []
        for path in ("/", "/c/gongan", "/feeds/", "/feeds/gongan", "/feeds/all"):
            with visit(browser, bereft.url + path) as seen:
                assert foreign(seen.asked, bereft) == []
                assert seen.complaints == []
    assert len(shown) == len(SCENES)


def foreign(asked: list[str], service: Service) -> list[str]:
    ours = urlsplit(service.url).netloc
    return [url for url in asked if urlsplit(url).netloc != ours]


def test_every_page_and_feed_names_only_our_pictures(bereft: Service) -> None:
    numbers = [row["id"] for row in bereft.ask("articles", "list", "--limit", "200")]
    for path in ["/", "/c/gongan", "/feeds/gongan", *(f"/a/{number}" for number in numbers)]:
        page = html.fromstring(bereft.get(path)[2])
        loaded = page.xpath(
            "//img/@src | //img/@srcset | //source/@src | //video/@src | //audio/@src | //iframe/@src"
            " | //script/@src | //link[@rel='stylesheet' or @rel='icon']/@href | //video/@poster"
        )
        assert [
            url for url in loaded if urlsplit(url).netloc not in {"", urlsplit(bereft.url).netloc}
        ] == []


@pytest.mark.parametrize("format", ["rss", "atom", "json"])
def test_every_demo_picture_is_in_the_feed_with_all_its_bytes(bereft: Service, format: str) -> None:
    status, _, body = bereft.get(f"/feeds/gongan.{format}")
    assert status == 200
    names = set(ADDRESS.findall(body.decode()))
    pictures = set()
    for name in names:
        status, headers, data = bereft.get(f"/media/{name}.png")
        assert (status, headers["content-type"]) == (200, "image/png")
        assert "immutable" in headers["cache-control"]
        pictures.add(data)
    assert pictures == {draw(scene) for scene in SCENES}
    if format == "json":
        for item in json.loads(body)["items"]:
            check_content(item["content_html"], bereft)
        return
    feed = feedparser.parse(body)
    assert not feed.bozo
    for entry in feed.entries:
        check_content(entry.content[0].value, bereft)
        for enclosure in entry.enclosures:
            assert enclosure.href.startswith(f"{bereft.url}/media/")
            length = len(bereft.get(enclosure.href.removeprefix(bereft.url))[2])
            assert (enclosure.type, int(enclosure.length)) == ("image/png", length)
    enclosed = [entry for entry in feed.entries if entry.enclosures]
    assert len(enclosed) == 2
    if format == "rss":
        thumbnails = etree.fromstring(body).findall(".//{http://search.yahoo.com/mrss/}thumbnail")
        assert [(each.get("width"), each.get("height")) for each in thumbnails] == [
            (str(WIDTH), str(HEIGHT))
        ] * 2


def check_content(content: str, service: Service) -> None:
    for picture in html.fragment_fromstring(content, create_parent=True).iter("img"):
        assert picture.get("src", "").startswith(f"{service.url}/media/")
        assert (picture.get("width"), picture.get("height")) == (str(WIDTH), str(HEIGHT))
        assert picture.get("alt")


def test_newsboat_gets_our_pictures(bereft: Service, tmp_path: Path) -> None:
    require_program("newsboat")
    reader = Newsboat(tmp_path / "reader", f"{bereft.url}/feeds/gongan.rss")
    contents = [content for _, content in reader.reload().values()]
    assert {name for content in contents for name in ADDRESS.findall(content)} == set(
        ADDRESS.findall(bereft.get("/feeds/gongan.rss")[2].decode())
    )
    sources = re.findall(r'<img[^>]*src="([^"]*)"', "".join(contents))
    assert len(sources) == len(SCENES)
    assert all(source.startswith(f"{bereft.url}/media/") for source in sources)


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        site.publish("/p/1.png", made.png(90, 60), PNG)
        yield site


def illustrated_feed(partner: Partner, *, withdrawn: bool = False) -> str:
    text = f'现场如图。<img src="{partner.url}/p/1.png" alt="现场">夜间窗口延长到晚上九点。'
    story = Story(1, title="【撤稿】夜间窗口" if withdrawn else "夜间窗口", text=text)
    return rss([story])


def test_a_running_service_brings_a_picture_and_takes_it_back_with_its_article(
    tmp_path: Path, partner: Partner
) -> None:
    """The partner withdraws: within a second of the poll the picture is gone, for every process."""
    partner.publish("/rss.xml", illustrated_feed(partner))
    service = service_in(tmp_path / "home")
    service.ask("categories", "add", "gongan", "--title", "公安要闻")
    with started(service, "run", "--no-demo"):
        service.ask(
            "sources", "add", f"{partner.url}/rss.xml", "--slug", "partner", "--category", "gongan",
            "--every", "1",
        )  # fmt: skip
        path = eventually(lambda: picture_in(service), "the picture is in the feed")
        assert service.get(path)[0] == 200
        assert partner.asked["/p/1.png"]["referer"] == "https://partner.example/n/1.html"
        before = service.get("/feeds/gongan.json")[2]

        partner.publish("/rss.xml", illustrated_feed(partner, withdrawn=True))
        eventually(lambda: service.get(path)[0] == 410, "the picture is withdrawn")
        gone_at = time.time()
        [article] = service.ask("articles", "list")
        run = next(
            run for run in service.ask("sources", "show", "partner")["runs"] if run["withdrawn"]
        )
        assert gone_at - datetime.fromisoformat(run["finished_at"]).timestamp() < 1.0
        assert service.get(f"/a/{article['id']}")[0] == 410
        eventually(
            lambda: b"/media/" not in service.get("/feeds/gongan.json")[2], "the feed follows"
        )
        assert json.loads(before)["items"][0]["id"] == article["guid"]


def picture_in(service: Service) -> str:
    found = ADDRESS.search(service.get("/feeds/gongan.json")[2].decode())
    return f"/media/{found[1]}.png" if found else ""


def test_the_next_service_takes_our_pictures_for_its_own(tmp_path: Path, partner: Partner) -> None:
    """Over the second hop a picture is the aggregator's copy of ours, byte for byte."""
    partner.publish("/rss.xml", illustrated_feed(partner))
    first = service_in(tmp_path / "first")
    second = service_in(tmp_path / "second")
    for service in (first, second):
        service.ask("categories", "add", "gongan", "--title", "公安要闻")
    for service, url in (
        (first, f"{partner.url}/rss.xml"),
        (second, f"{first.url}/feeds/gongan.atom"),
    ):
        service.ask("sources", "add", url, "--slug", "up", "--category", "gongan")
    first.ask("sources", "poll", "up")
    with started(first, "web"):
        second.ask("sources", "poll", "up")
    with started(second, "web"):
        path = picture_in(second)
        assert path
        assert second.get(path)[2] == made.png(90, 60)
        assert first.url.encode() + b"/media" not in second.get("/feeds/gongan.json")[2]
