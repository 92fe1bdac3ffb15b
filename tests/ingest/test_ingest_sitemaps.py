"""Partners that have a sitemap and no feed: real services, a real partner."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc.domain.article import Article
from feedsvc.sources.harvest import MOST_PAGES
from feedsvc.sources.sitemap import MOST_PARTS
from feedsvc.store import articles
from tests.ingest.stage import SENTENCES, Stage, staged

NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path / "home") as stage:
        yield stage


def page(stage: Stage, number: int) -> str:
    """Publish one article page; return its address."""
    markup = f"<html><body><h1>云岭夜间窗口第{number}天开放</h1><div class='content'>{SENTENCES}</div></body></html>"
    stage.partner.publish(f"/n/{number}.html", markup, ("Content-Type", "text/html"))
    return f"{stage.partner.url}/n/{number}.html"


def urlset(stage: Stage, *numbers: int, news: bool = False) -> str:
    rows = "".join(
        f"<url><loc>{page(stage, number)}</loc><lastmod>2026-08-08T10:{number % 60:02}:00+08:00</lastmod>"
        + (
            f"<n:news><n:publication><n:name>云岭警务网</n:name><n:language>zh-cn</n:language></n:publication>"
            f"<n:publication_date>2026-08-08T09:{number % 60:02}:00+08:00</n:publication_date>"
            f"<n:title>云岭夜间窗口第{number}天开放</n:title><n:keywords>公安, 便民</n:keywords></n:news>"
            if news
            else ""
        )
        + "</url>"
        for number in numbers
    )
    return f'<urlset xmlns="{SITEMAPS}" xmlns:n="{NEWS}">{rows}</urlset>'


def index(*parts: tuple[str, str]) -> str:
    rows = "".join(
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</sitemap>"
        for url, day in parts
    )
    return f'<sitemapindex xmlns="{SITEMAPS}">{rows}</sitemapindex>'


def stored(stage: Stage) -> list[Article]:
    with stage.services.db.read() as session:
        return articles.latest(session, limit=100)


def test_a_news_sitemap_gives_what_the_page_does_not_say(stage: Stage) -> None:
    stage.partner.publish("/news.xml", urlset(stage, 1, news=True))
    stage.add("map", "/news.xml")
    run = stage.services.poller.poll_now("map")
    assert (run.status, run.new) == ("ok", 1)
    [article] = stored(stage)
    assert article.content.title == "云岭夜间窗口第1天开放"
    assert "第3段" in article.content.body_html
    assert article.content.attribution == "云岭警务网"
    assert article.published_at.isoformat() == "2026-08-08T01:01:00+00:00"
    assert article.published_precision == "minute"


def test_only_new_addresses_are_fetched_again(stage: Stage) -> None:
    stage.partner.publish("/map.xml", urlset(stage, 1, 2))
    stage.add("map", "/map.xml", kind="sitemap")
    assert stage.services.poller.poll_now("map").new == 2
    stage.partner.publish("/map.xml", urlset(stage, 1, 2, 3))
    assert stage.services.poller.poll_now("map").new == 1
    assert [stage.partner.count(f"/n/{n}.html") for n in (1, 2, 3)] == [1, 1, 1]


def test_an_index_is_followed_newest_part_first_and_not_without_end(stage: Stage) -> None:
    base = stage.partner.url
    days = range(1, MOST_PARTS + 3)
    for day in days:
        stage.partner.publish(f"/part{day}.xml", urlset(stage, day))
    # The newest part is an index itself, whose part is gzip by its name and not by its header.
    stage.partner.publish("/part.gz", gzip.compress(urlset(stage, 50).encode()))
    stage.partner.publish(
        "/inner.xml", index((f"{base}/part.gz", "2026-08-31"), (f"{base}/map.xml", ""))
    )
    parts = [(f"{base}/part{day}.xml", f"2026-08-{day:02}") for day in days]
    stage.partner.publish("/map.xml", index(*parts, (f"{base}/inner.xml", "2026-08-30")))
    stage.add("map", "/map.xml")
    run = stage.services.poller.poll_now("map")
    assert run.status == "ok"
    asked = [day for day in days if stage.partner.count(f"/part{day}.xml")]
    assert asked == list(days)[-(MOST_PARTS - 1) :]
    assert stage.partner.count("/inner.xml") == 1
    assert stage.partner.count("/map.xml") == 1


def test_an_index_without_dates_is_looked_into_each_time(stage: Stage) -> None:
    base = stage.partner.url
    stage.partner.publish("/map.xml", index((f"{base}/part.xml", "")))
    stage.partner.publish("/part.xml", urlset(stage, 1))
    stage.add("map", "/map.xml")
    assert stage.services.poller.poll_now("map").new == 1
    stage.partner.publish("/part.xml", urlset(stage, 1, 2))
    assert stage.services.poller.poll_now("map").new == 1


def test_a_part_that_fails_is_tried_again_and_harms_no_other(stage: Stage) -> None:
    base = stage.partner.url
    stage.partner.publish(
        "/map.xml", index((f"{base}/gone.xml", "2026-08-02"), (f"{base}/part.xml", "2026-08-01"))
    )
    stage.partner.publish("/part.xml", urlset(stage, 1))
    stage.add("map", "/map.xml")
    run = stage.services.poller.poll_now("map")
    assert (run.status, run.new) == ("ok", 1)
    assert [each.subject for each in run.rejections] == [f"{base}/gone.xml"]
    stage.partner.publish("/gone.xml", urlset(stage, 2))
    assert stage.services.poller.poll_now("map").new == 1


def test_a_big_sitemap_comes_in_by_and_by_newest_first(stage: Stage) -> None:
    count = MOST_PAGES + 5
    stage.partner.publish("/map.xml", urlset(stage, *range(1, count + 1)))
    stage.add("map", "/map.xml")
    assert stage.services.poller.poll_now("map").new == MOST_PAGES
    assert stage.partner.count("/n/1.html") == 0
    assert stage.services.poller.poll_now("map").new == 5
    assert stage.services.poller.poll_now("map").status == "unchanged"


def test_a_sitemap_is_no_feed_where_a_feed_is_meant(stage: Stage) -> None:
    stage.partner.publish("/map.xml", urlset(stage, 1))
    stage.add("map", "/map.xml", kind="feed")
    run = stage.services.poller.poll_now("map")
    assert run.error is not None
    assert (run.error.kind, "--kind sitemap" in run.error.message) == ("not_a_feed", True)


@pytest.mark.parametrize("header", ["application/xml", "text/html; charset=utf-8"])
def test_a_sitemap_is_known_by_its_root_whatever_the_header_says(stage: Stage, header: str) -> None:
    stage.partner.publish("/map.xml", urlset(stage, 1), ("Content-Type", header))
    stage.add("map", "/map.xml")
    assert stage.services.poller.poll_now("map").new == 1


def test_a_packed_sitemap_is_one_too(stage: Stage) -> None:
    packed = gzip.compress(urlset(stage, 1).encode())
    stage.partner.publish("/map.xml.gz", packed, ("Content-Type", "application/gzip"))
    stage.add("map", "/map.xml.gz")
    assert stage.services.poller.poll_now("map").new == 1
