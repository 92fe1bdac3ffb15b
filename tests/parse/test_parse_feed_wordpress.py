from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedsvc.domain.parsed import ParsedFeed, ParseJob
from feedsvc.parse.feeds.feed import parse_feed
from feedsvc.parse.feeds.wordpress import as_shown
from tests.ingest.import_files import post, wxr

SEEN = datetime(2026, 8, 8, 4, 0, tzinfo=UTC)


def parsed(text: str) -> ParsedFeed:
    job = ParseJob(kind="feed", body=text.encode(), url="https://wangchuan.example/", seen_at=SEEN)
    return parse_feed(job)


def test_a_published_post_is_an_article() -> None:
    [item] = parsed(wxr(post(7))).items
    assert item.title == "望川渡口通航第7天"
    assert item.guid == "https://wangchuan.example/?p=7"
    assert item.link == "https://wangchuan.example/7/"
    assert item.published_at == datetime(2026, 8, 8, 1, 30, tzinfo=UTC)
    assert item.authors == ("林晚晴",)
    assert item.categories == ("要闻",)
    assert item.content_html.count("<p>") == 2
    assert "第二行" in item.content_html.split("</p>")[0]


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        (post(1, kind="attachment", status="inherit"), "not_an_article"),
        (post(1, kind="nav_menu_item"), "not_an_article"),
        (post(1, status="draft"), "not_published"),
        (post(1, status="private"), "not_published"),
        (post(1, status="trash"), "not_published"),
        (post(1, password="芝麻"), "password_protected"),
    ],
)
def test_what_readers_could_not_see_is_left_out_by_name(entry: str, kind: str) -> None:
    found = parsed(wxr(entry, post(2, kind="page")))
    assert [item.guid for item in found.items] == ["https://wangchuan.example/?p=2"]
    assert [(each.kind, each.subject) for each in found.rejections] == [(kind, "望川渡口通航第1天")]


def test_an_export_without_a_single_article_is_no_error() -> None:
    found = parsed(wxr(post(1, status="draft")))
    assert found.items == ()
    assert len(found.rejections) == 1


def test_a_post_that_never_got_a_date_keeps_the_feeds_own() -> None:
    text = wxr(post(1)).replace("2026-08-08 01:30:00", "0000-00-00 00:00:00")
    assert parsed(text).items[0].published_at == datetime(2026, 8, 8, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("一段\r\n两行\r\n\r\n二段", "<p>一段<br>\n两行</p>\n<p>二段</p>"),
        ("<p>已是段落</p>\n\n<h2>小题</h2>", "<p>已是段落</p>\n<h2>小题</h2>"),
        ("<!-- wp:paragraph -->\n<p>区块</p>\n<!-- /wp:paragraph -->", "<p>区块</p>"),
        ('[caption id="a" width="3"]<img src="a.jpg">渡口[/caption]', '<p><img src="a.jpg">渡口</p>'),
        ("看[1]与[注]都在", "<p>看[1]与[注]都在</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_body_is_shown_as_wordpress_shows_it(typed: str, shown: str) -> None:
    assert as_shown(typed) == shown
