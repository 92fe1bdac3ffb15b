"""Sitemaps: all that can be read and nothing else, understood by our own parser as by search engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from werkzeug.test import Client

from feedsvc.curate.desk import Correction
from feedsvc.domain.article import Draft, Keys
from feedsvc.domain.parsed import ParsedFeed, ParseJob
from feedsvc.parse.dispatch import parse
from feedsvc.store.sitemap import News
from feedsvc.web import sitemap_documents as documents
from tests.web.stage import NOW, PUBLISHED, SITE, Stage, content, draft, open_stage

SPACE = {"s": documents.SITEMAPS, "n": documents.NEWS}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    opened = open_stage(tmp_path)
    yield opened
    opened.db.dispose()


def locations(client: Client, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    found: list[str] = etree.fromstring(answer.data).xpath("//s:loc/text()", namespaces=SPACE)
    assert all(each.startswith(f"{SITE.base_url}/") for each in found)
    return [each.removeprefix(SITE.base_url) for each in found]


def understood(client: Client, path: str) -> ParsedFeed:
    body = client.get(path).data
    parsed = parse(ParseJob(kind="feed", body=body, url=f"{SITE.base_url}{path}", seen_at=NOW))
    assert isinstance(parsed, ParsedFeed)
    assert (parsed.rejections, parsed.repairs) == ((), ())
    return parsed


def test_the_index_leads_to_every_page_and_article(stage: Stage) -> None:
    stage.take(draft(1), draft(2, content("第二篇")))
    client = stage.client()
    assert locations(client, "/sitemap.xml") == ["/sitemap/pages.xml", "/sitemap/articles-1.xml"]
    assert locations(client, "/sitemap/articles-1.xml") == ["/a/2", "/a/1"]
    pages = locations(client, "/sitemap/pages.xml")
    assert {"/", "/feeds/", "/c/gongan", "/feeds/all", "/feeds/gongan"} <= set(pages)
    assert all(client.get(path).status_code == 200 for path in pages)


def test_a_withdrawn_a_held_and_a_corrected_article_show_in_every_sitemap_at_once(
    stage: Stage,
) -> None:
    stage.take(draft(1), draft(2, content("第二篇")), draft(3, content("第三篇")))
    client = stage.client()
    before = client.get("/sitemap.xml")
    assert before.text.count("<sitemap>") == 2
    stage.desk.withdraw("1", reason="失实", actor="editor:test")
    stage.desk.correct("2", Correction(title="改正"), reason="有误", actor="editor:test")
    stage.take(draft(4, content("待审")), held=True)
    assert locations(client, "/sitemap/articles-1.xml") == ["/a/3", "/a/2"]
    assert locations(client, "/news-sitemap.xml") == ["/a/2", "/a/3"]
    after = client.get("/sitemap.xml")
    assert "2026-11-23T16:40:00+08:00" in after.text
    assert after.headers["ETag"] != before.headers["ETag"]
    for number in ("2", "3"):
        stage.desk.withdraw(number, reason="失实", actor="editor:test")
    assert locations(client, "/sitemap.xml") == ["/sitemap/pages.xml"]
    assert client.get("/sitemap/articles-1.xml").status_code == 404
    assert locations(client, "/news-sitemap.xml") == []


@pytest.mark.parametrize(
    "path",
    [
        "/sitemap.xml",
        "/sitemap/articles-1.xml",
        "/sitemap/pages.xml",
        "/news-sitemap.xml",
        "/robots.txt",
    ],
)
def test_sitemaps_are_asked_for_conditionally(stage: Stage, path: str) -> None:
    stage.take(draft(1))
    client = stage.client()
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.head(path).headers["ETag"] == first.headers["ETag"]
    assert "Set-Cookie" not in first.headers


def test_our_own_parser_reads_all_of_them(stage: Stage) -> None:
    stage.take(draft(1), draft(2, content("A < B & “乙”"), published_precision="day"))
    client = stage.client()
    index = understood(client, "/sitemap.xml")
    assert index.format == "sitemap-index"
    assert [part.url for part in index.parts][1:] == [f"{SITE.base_url}/sitemap/articles-1.xml"]
    assert index.parts[1].updated_at == PUBLISHED - timedelta(hours=1)
    part = understood(client, "/sitemap/articles-1.xml")
    assert [item.link for item in part.items] == [f"{SITE.base_url}/a/{n}" for n in (2, 1)]
    news = understood(client, "/news-sitemap.xml")
    assert news.format == "sitemap-news"
    assert [
        (item.link, item.title, item.published_precision, item.attribution, item.language)
        for item in news.items
    ] == [
        (f"{SITE.base_url}/a/1", "雾桥派出所沿河巡查", "minute", SITE.title, "zh-cn"),
        (f"{SITE.base_url}/a/2", "A < B & “乙”", "day", SITE.title, "zh-cn"),
    ]
    assert news.items[0].published_at == PUBLISHED - timedelta(hours=1)


def test_a_news_sitemap_has_a_thousand_articles_of_two_days_at_most(stage: Stage) -> None:
    recent = [_numbered(number, timedelta(seconds=number)) for number in range(1, 1003)]
    stage.take(*recent)
    found = locations(stage.client(), "/news-sitemap.xml")
    assert found == [f"/a/{number}" for number in range(1, 1001)]


def test_older_than_two_days_is_no_news(stage: Stage) -> None:
    stage.take(
        _numbered(1, timedelta()),
        _numbered(2, timedelta(days=2)),
        _numbered(3, timedelta(days=2, minutes=1)),
    )
    assert locations(stage.client(), "/news-sitemap.xml") == ["/a/1", "/a/2"]


def _numbered(number: int, age: timedelta) -> Draft:
    keys = Keys(guid=f"g{number}", content_hash=f"{number:064}")
    return replace(draft(1, content(f"第{number}篇")), keys=keys, published_at=PUBLISHED - age)


@settings(max_examples=50, deadline=None)
@given(
    title=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(str.strip),
    language=st.sampled_from(["", "zh-CN", "zh-Hant-TW", "en-GB", "bo", "zh-Hans-CN", "<x>"]),
)
def test_no_title_breaks_the_document(title: str, language: str) -> None:
    one = News(
        id=7,
        title=title,
        language=language,
        published_at=datetime(2026, 11, 23, 8, 40, tzinfo=UTC),
        precision="minute",
    )
    root = etree.fromstring(documents.news([one], SITE).encode())
    assert root.xpath("//n:title/text()", namespaces=SPACE) == [title]
    [said] = root.xpath("//n:language/text()", namespaces=SPACE)
    assert said in {"zh-cn", "zh-tw", "en", "bo", "<x>"}
    assert root.xpath("string(//n:publication_date)", namespaces=SPACE) == (
        "2026-11-23T16:40:00+08:00"
    )


def test_robots_may_read_everything_and_are_told_where(stage: Stage) -> None:
    answer = stage.client().get("/robots.txt")
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    for name in ("sitemap", "news-sitemap"):
        assert f"Sitemap: {SITE.base_url}/{name}.xml" in lines
        assert stage.client().get(f"/{name}.xml").status_code == 200
    assert "Disallow: /feeds/search" in lines
    assert "Disallow: /" not in lines
