"""Our own extractor reads our own pages to the field, and others find the origin there, not us."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from werkzeug.test import Client

from feedsvc.curate.desk import Correction
from feedsvc.domain.article import Article, Draft, Keys
from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ParsedPage, ParseJob
from feedsvc.ingest.normalise import normalise
from feedsvc.parse.pages.page import parse_page
from feedsvc.store import articles
from feedsvc.text.html import plain_text
from feedsvc.text.pictures import picture_urls
from feedsvc.web import present
from feedsvc.web.metadata import metadata
from tests.parse import page_cases
from tests.web.stage import NOW, PICTURE, PUBLISHED, SITE, Stage, content, draft, open_stage

SHARED = Path(__file__).resolve().parents[3] / "shared" / "corpus"
# Every name of the guideline that a page can have something to say to; Description is the page's own tag.
GOVERNMENT = {
    "SiteName", "SiteDomain", "ColumnName", "ArticleTitle", "PubDate", "ContentSource", "Author", "Keywords",
    "Image", "Url", "description",
}  # fmt: skip


def page_items() -> list[Item]:
    """What we understand of every page case, as partners would hand it to us."""
    return [page_cases.read(path, page_cases.load(path)).item for path in page_cases.case_files()]


def drafts(items: list[Item]) -> list[Draft]:
    made = []
    for number, item in enumerate(items, 1):
        one = normalise(item, Keys(guid=f"g{number}", content_hash=f"{number:064}"), seen_at=NOW)
        assert isinstance(one, Draft)
        made.append(one)
    return made


def stored(stage: Stage) -> list[Article]:
    with stage.db.read() as session:
        return sorted(articles.find(session, limit=1000), key=lambda one: one.id)


def read(client: Client, article_id: int, query: str = "") -> ParsedPage:
    answer = client.get(f"/a/{article_id}{query}")
    assert answer.status_code == 200
    return parse_page(
        ParseJob(
            kind="page",
            body=answer.data,
            url=f"{SITE.base_url}/a/{article_id}",
            seen_at=NOW,
            content_type=answer.headers["Content-Type"],
        )
    )


def said(article: Article) -> dict[str, Any]:
    """What is kept of an article and stands on its page."""
    kept = article.content
    return {
        "title": kept.title,
        "original_title": kept.original_title,
        "published_at": article.published_at,
        "attribution": kept.attribution or article.source_title,
        "authors": kept.authors,
        "editors": kept.editors,
        "credit_line": kept.credit_line,
        "dateline": kept.dateline,
        "rights": kept.rights,
        "tags": kept.tags,
        "ai_label": kept.ai_label,
        "origin_url": kept.origin_url or article.link,
        "text": plain_text(kept.body_html),
    }


def understood(item: Item) -> dict[str, Any]:
    return {
        "title": item.title,
        "original_title": item.original_title,
        "published_at": item.published_at,
        "attribution": item.attribution,
        "authors": item.authors,
        "editors": item.editors,
        "credit_line": item.credit_line,
        "dateline": item.dateline,
        "rights": item.rights,
        "tags": item.categories,
        "ai_label": item.ai_label,
        "origin_url": item.origin_url,
        "text": plain_text(item.content_html),
    }


def assert_read_back(stage: Stage) -> int:
    """Compare every article with what our extractor reads of its page, in both languages."""
    client = stage.client()
    all_of_them = stored(stage)
    for article in all_of_them:
        for query in ("", "?lang=en"):
            found = read(client, article.id, query)
            want = said(article)
            if article.published_precision != "minute":
                assert found.item.published_precision == "day"
                want["published_at"] = found.item.published_at
            assert understood(found.item) == want
            assert set(found.confidence.values()) == {1.0}
            assert found.item.link == f"{SITE.base_url}/a/{article.id}"
    return len(all_of_them)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    opened = open_stage(tmp_path)
    yield opened
    opened.db.dispose()


def test_every_page_case_is_read_back_whole(stage: Stage) -> None:
    machine_made = replace(page_items()[0], ai_label="assisted", title="机器所写")
    stage.take(*drafts([*page_items(), machine_made]))
    assert assert_read_back(stage) == len(page_cases.case_files()) + 1


@pytest.mark.shared
def test_the_publishers_own_pages_are_read_back_whole(stage: Stage) -> None:
    pages = sorted(SHARED.glob("*/page.html"))
    if not pages:
        pytest.skip("the publishers' pages are not beside this checkout")
    jobs = (
        ParseJob(
            kind="page", body=path.read_bytes(), url=f"http://{path.parent.name}/1", seen_at=NOW
        )
        for path in pages
    )
    stage.take(*drafts([parse_page(job).item for job in jobs]))
    assert assert_read_back(stage) == len(pages)


def head_of(client: Client, path: str = "/a/1") -> tuple[Any, dict[str, Any]]:
    tree = html.document_fromstring(client.get(path).data)
    scripts = tree.xpath("//script")
    assert [each.get("type") for each in scripts] == ["application/ld+json"]
    return tree, json.loads(scripts[0].text)


def test_a_reposts_page_says_to_everyone_whose_it_is(stage: Stage) -> None:
    stage.take(
        draft(1, content(tags=("河道", "巡查"), original_title="沿河一夜", rights="不得改写"))
    )
    tree, told = head_of(stage.client())
    origin, own = "https://partner.example/news/1.html", f"{SITE.base_url}/a/1"
    assert tree.xpath("//link[@rel='canonical']/@href") == [origin]
    names = dict(zip(tree.xpath("//meta/@name"), tree.xpath("//meta[@name]/@content"), strict=True))
    assert names.keys() >= GOVERNMENT - {"Image"}
    assert (names["PubDate"], names["ContentSource"]) == ("2019-08-09 09:45", "雾桥日报")
    assert (names["Author"], names["Keywords"]) == ("方一鸣、谢清河", "河道,巡查")
    assert (names["Url"], names["SiteDomain"]) == (own, "news.example")
    texts = {each.get("id"): each.text_content() for each in tree.xpath("//*[@id]")}
    assert texts["pubtime_baidu"] == "2019-08-09 09:45"
    assert texts["source_baidu"] == "来源：雾桥日报"
    assert texts["author_baidu"] == "作者：方一鸣、谢清河"
    assert texts["editor_baidu"] == "责任编辑：罗闻"
    properties = dict(
        zip(tree.xpath("//meta/@property"), tree.xpath("//meta[@property]/@content"), strict=True)
    )
    assert properties["article:published_time"] == "2019-08-09T09:45:00+08:00"
    assert properties["og:url"] == own
    assert told["headline"] == "雾桥派出所沿河巡查"
    assert told["alternativeHeadline"] == "沿河一夜"
    assert told["datePublished"] == told["dateModified"] == "2019-08-09T09:45:00+08:00"
    assert told["isBasedOn"] == origin
    assert told["sourceOrganization"]["name"] == "雾桥日报"
    assert told["publisher"]["name"] == SITE.title
    assert [each["name"] for each in told["editor"]] == ["罗闻"]
    assert "correction" not in told


def test_a_correction_stands_in_the_data_and_travels_with_the_page(stage: Stage) -> None:
    stage.take(draft(1))
    stage.desk.correct("1", Correction(title="改正"), reason="标题有误", actor="editor:test")
    _, told = head_of(stage.client())
    [correction] = told["correction"]
    assert correction["text"] == "标题有误"
    assert correction["datePublished"].endswith("+08:00")
    marker = read(stage.client(), 1).item.marker
    assert marker is not None
    assert (marker.status, marker.reason, marker.at) == ("corrected", "标题有误", NOW)


def test_the_page_of_a_withdrawn_article_says_nothing_to_machines(stage: Stage) -> None:
    stage.take(draft(1))
    stage.desk.withdraw("1", reason="内容失实", actor="editor:test")
    answer = stage.client().get("/a/1")
    assert answer.status_code == 410
    for word in (
        "ld+json",
        "og:",
        "ArticleTitle",
        "PubDate",
        "_baidu",
        "canonical",
        "article-body",
    ):
        assert word not in answer.text


def test_a_picture_of_ours_is_named_in_full_and_a_link_is_a_picture_again(stage: Stage) -> None:
    stage.take(draft(1))
    assert PICTURE in picture_urls(read(stage.client(), 1).item.content_html)
    view = replace(present.page(_article(), []), pictures=("/media/0f.jpg",))
    made = metadata(view, SITE, f"{SITE.base_url}/a/1")
    assert json.loads(made.data)["image"] == [f"{SITE.base_url}/media/0f.jpg"]
    assert dict(made.names)["Image"] == f"{SITE.base_url}/media/0f.jpg"
    assert dict(made.properties)["og:image"] == f"{SITE.base_url}/media/0f.jpg"


@pytest.mark.parametrize(
    "broken",
    [
        lambda page: re.sub(r'(id="feedsvc-article">).*?</script>', r"\1[[[[</script>", page),
        lambda page: page.replace("NewsArticle", "Recipe"),
        lambda page: page.replace('id="article-body"', ""),
        lambda page: page.replace('"headline":', '"name":'),
    ],
)
def test_a_page_of_our_kind_that_is_broken_is_read_as_any_other(stage: Stage, broken: Any) -> None:
    """Without its data the same page still says to the extractor for strangers what it must."""
    stage.take(
        draft(1, content(body_html="<p>巡查从河岸的旧码头开始，一直走到天明才结束。</p>" * 6))
    )
    page = broken(stage.client().get("/a/1").text)
    assert isinstance(page, str)
    job = ParseJob(kind="page", body=page.encode(), url=f"{SITE.base_url}/a/1", seen_at=NOW)
    item = parse_page(job).item
    assert not item.extractor.endswith("/feedsvc")
    assert (item.title, item.attribution) == ("雾桥派出所沿河巡查", "雾桥日报")
    assert item.published_at == PUBLISHED - timedelta(hours=1)
    assert (item.authors, item.editors) == (("方一鸣", "谢清河"), ("罗闻",))
    assert item.origin_url == "https://partner.example/news/1.html"


def test_a_sources_own_rules_are_asked_before_the_data(stage: Stage) -> None:
    stage.take(draft(1))
    page = stage.client().get("/a/1").data
    job = ParseJob(kind="page", body=page, url=f"{SITE.base_url}/a/1", seen_at=NOW)
    ruled = parse_page(replace(job, rules={"page": {"title": ".brand"}}))
    assert ruled.item.title == SITE.title


WORDS = st.text(
    st.sampled_from(list("雾桥派出所巡查，。《》 <>&\"'/\\\u2028\u2029abc{}$（）")),
    min_size=1,
    max_size=30,
).filter(lambda text: any(char.isalnum() for char in text))
NAMES = st.lists(st.sampled_from(["方一鸣", "谢清河", "O'Neil </script>", "A & B"]), unique=True)


@settings(max_examples=40, deadline=None)
@given(words=WORDS, authors=NAMES, editors=NAMES, reason=WORDS)
def test_no_words_can_break_out_of_the_data(
    words: str, authors: list[str], editors: list[str], reason: str
) -> None:
    body = content(f"{words}</script><!--", authors=tuple(authors), editors=tuple(editors))
    article = replace(
        _article(), content=body, status="corrected", reason=f"{reason}\u2028<script>"
    )
    data = metadata(present.page(article, []), SITE, f"{SITE.base_url}/a/1").data
    assert not set("<>&\u2028\u2029\r\n") & set(data)
    told = json.loads(data)
    assert told["headline"] == body.title
    assert [each["name"] for each in told.get("author", [])] == authors
    assert [each["name"] for each in told.get("editor", [])] == editors
    assert told["_feedsvc"]["reason"] == article.reason


def _article() -> Article:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return Article(
        id=1,
        guid="urn:uuid:1",
        source="wuqiao",
        source_title="雾桥警务网",
        source_url="https://partner.example/rss",
        category="gongan",
        category_title="公安要闻",
        content=content(),
        published_at=at,
        published_precision="minute",
        first_seen_at=at,
        updated_at=at,
    )
