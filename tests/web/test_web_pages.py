"""The pages, on a real database: what they show, in which language, and what they never show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from werkzeug.test import Client

from feedsvc.curate.desk import Correction
from feedsvc.domain.feed import FORMATS, Site
from feedsvc.domain.item import Enclosure
from tests.web.stage import (
    PICTURE,
    SECRET,
    SITE,
    Stage,
    content,
    draft,
    open_stage,
)

OTHER = content(
    "别的",
    summary="别的摘要",
    body_html="<p>别的正文</p>",
    origin_url=None,
    authors=(),
    editors=(),
    credit_line="",
)
PAGES = ("/", "/feeds/", "/feeds/gongan", "/feeds/all", "/c/gongan", "/a/1")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    opened = open_stage(tmp_path)
    yield opened
    opened.db.dispose()


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Two articles; shared by tests that change nothing."""
    opened = open_stage(tmp_path_factory.mktemp("furnished"))
    opened.take(draft(1), draft(2, content("第二篇")))
    yield opened.client()
    opened.db.dispose()


class Markup(HTMLParser):
    """Collects tags with their attributes and complains of tags that do not nest."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_is_whole_safe_and_loads_nothing_foreign(
    furnished: Client, path: str, language: str
) -> None:
    answer = furnished.get(f"{path}?lang={language}")
    assert answer.status_code == 200
    markup = Markup(answer.text)
    assert markup.tags[0] == ("html", {"lang": {"zh": "zh-CN", "en": "en"}[language]})
    for tag, attributes in markup.tags:
        assert tag not in {"img", "iframe", "style", "object"}
        # A block of data is no script: no browser runs it.
        assert tag != "script" or attributes["type"] == "application/ld+json"
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        if tag == "link" and attributes["rel"] in {"stylesheet", "icon"}:
            assert re.fullmatch(
                r"/static/[a-z]+\.[0-9a-f]{12}\.(css|svg)", attributes["href"] or ""
            )
    assert [tag for tag, _ in markup.tags].count("h1") == 1
    assert [tag for tag, _ in markup.tags].count("main") == 1
    assert "Set-Cookie" not in answer.headers
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Language"] == {"zh": "zh-CN", "en": "en"}[language]


@pytest.mark.parametrize("path", [*PAGES, "/nope"])
def test_page_offers_its_feed_to_browsers(furnished: Client, path: str) -> None:
    slugs = ["all"] if path in {"/", "/feeds/", "/feeds/all", "/nope"} else ["gongan", "all"]
    answer = furnished.get(path)
    found = [
        (attributes["type"], attributes["href"])
        for tag, attributes in Markup(answer.text).tags
        if tag == "link" and attributes["rel"] == "alternate"
    ]
    feeds = [
        (f"application/{kind}", f"https://news.example/feeds/{slug}.{name}")
        for slug in slugs
        for kind, name in (("rss+xml", "rss"), ("atom+xml", "atom"), ("feed+json", "json"))
    ]
    assert found == [*feeds, ("text/x-opml", "https://news.example/feeds.opml")]
    assert answer.headers.getlist("Link") == [
        f'<{address}>; rel="alternate"; type="{kind}"' for kind, address in found
    ]


def test_article_shows_its_provenance_as_the_printed_page_does(stage: Stage) -> None:
    stage.take(draft(1), draft(2, content("第二篇")), draft(3, content("第三篇")))
    text = stage.client().get("/a/1").text
    for part in (
        '今天是 <time datetime="2026-11-23">2026年11月23日 星期一</time>',
        "网站公告：",
        "雾桥派出所沿河巡查</h1>",
        '发布时间：<span id="pubtime_baidu"><time datetime="2019-08-09T09:45:00+08:00">2019-08-09 09:45</time>',
        '来源：<a href="https://partner.example/news/1.html" rel="external">雾桥日报</a></span>（原文）',
        "经由：雾桥警务网",
        '<link rel="canonical" href="https://partner.example/news/1.html">',
        f'<a href="{PICTURE}" class="was-img">',
        "（雾桥日报11月23日电）（方一鸣 谢清河",
        "作者：方一鸣、谢清河",
        "责任编辑：罗闻",
        "最新文章</h2>",
        "推荐文章</h2>",
        "订阅本栏</h2>",
    ):
        assert part in text
    assert "更正记录" not in text
    aside = text[text.index("<aside>") :]
    assert '<a href="/a/2">第二篇</a>' in aside
    assert '"/a/1"' not in aside


def test_a_day_is_shown_as_a_day(stage: Stage) -> None:
    stage.take(draft(1, published_precision="day"))
    assert '<time datetime="2019-08-09">2019-08-09</time>' in stage.client().get("/a/1").text


def test_what_a_partner_did_not_say_leaves_no_gap(stage: Stage) -> None:
    bare = content(attribution="", origin_url=None, authors=(), editors=(), credit_line="")
    stage.take(draft(1, bare, link=None))
    text = stage.client().get("/a/1").text
    assert "来源：雾桥警务网</span>" in text
    for word in ("经由", "作者", "责任编辑", 'rel="external"'):
        assert word not in text
    assert '<link rel="canonical" href="https://news.example/a/1">' in text


def test_what_a_machine_made_says_so_on_its_page(stage: Stage) -> None:
    stage.take(draft(1, content(ai_label="generated")), draft(2))
    assert "【AI生成】" in stage.client().get("/a/1").text
    assert "【AI" not in stage.client().get("/a/2").text


def test_the_credit_line_is_not_said_twice(stage: Stage) -> None:
    stage.take(draft(1, content(body_html="<p>完。（记者 方一鸣</p>", credit_line="（记者 方一鸣")))
    text = stage.client().get("/a/1").text
    assert text[text.index("<main") :].count("（记者 方一鸣") == 1


def test_strangers_words_are_escaped_and_strange_addresses_are_no_links(stage: Stage) -> None:
    hostile = content(
        '<script>alert("题")</script>',
        attribution='"><img src=x onerror=alert(1)>',
        origin_url="javascript:alert(1)",
        editors=("<b>x</b>",),
        enclosures=(Enclosure(url="javascript:alert(2)"), Enclosure(url="https://a.example/f.pdf")),
    )
    stage.take(draft(1, hostile, link="javascript:alert(3)"))
    for path in PAGES:
        text = stage.client().get(path).text
        assert "<script" not in text.replace('<script type="application/ld+json" id="', "")
        assert "<img" not in text
        assert "<b>x" not in text
        assert "javascript:" not in text
    assert 'href="https://a.example/f.pdf"' in stage.client().get("/a/1").text


def test_a_correction_is_recorded_with_time_and_reason_newest_first(stage: Stage) -> None:
    stage.take(draft(1))
    stage.desk.correct(1, Correction(title="改一"), reason="标题有误", actor="editor:li")
    stage.desk.correct(1, Correction(title="改二"), reason="标题仍有误", actor="editor:li")
    text = stage.client().get("/a/1").text
    record = text[text.index('id="corrections"') :]
    assert "改二</h1>" in text
    assert record.index("更正：标题仍有误") < record.index("更正：标题有误")
    assert '<time datetime="2026-11-23T16:40:00+08:00">2026-11-23 16:40</time>' in record
    assert '<span class="mark">更正</span>' in stage.client().get("/").text


def test_a_withdrawn_text_is_on_no_page(stage: Stage) -> None:
    stage.take(draft(1), draft(2, OTHER))
    stage.publish()
    client = stage.client()
    etag = client.get("/a/1").headers["ETag"]
    assert client.get("/a/1", headers={"If-None-Match": etag}).status_code == 304
    stage.desk.withdraw(1, reason="来源已撤下", actor="editor:li")
    answer = client.get("/a/1", headers={"If-None-Match": etag})
    assert answer.status_code == 410
    for part in ("【撤稿】雾桥派出所沿河巡查</h1>", "来源已撤下", "2026-11-23 16:40", "noindex"):
        assert part in answer.text
    assert "canonical" not in answer.text
    assert "【撤稿】雾桥派出所沿河巡查" in client.get("/feeds/gongan").text
    for path in (*PAGES, "/a/2"):
        text = client.get(path).text
        for gone in (SECRET, PICTURE, "方一鸣", "罗闻", "partner.example/news/1"):
            assert gone not in text, path
    for path in (f"/feeds/{slug}.{name}" for slug in ("all", "gongan") for name in FORMATS):
        text = client.get(path).text
        for gone in (SECRET, PICTURE, "方一鸣", "罗闻"):
            assert gone not in text, path


def test_a_held_article_does_not_exist_yet(stage: Stage) -> None:
    stage.take(draft(1), held=True)
    client = stage.client()
    assert client.get("/a/1").status_code == 404
    assert all(SECRET not in client.get(path).text for path in PAGES)


def test_a_held_article_that_is_withdrawn_never_existed(stage: Stage) -> None:
    stage.take(draft(1), held=True)
    stage.desk.withdraw(1, reason="未发即撤", actor="editor:test")
    client = stage.client()
    assert client.get("/a/1").status_code == 404
    assert all("未发即撤" not in client.get(path).text for path in PAGES)


def test_the_subscription_centre_lists_every_feed_with_addresses_and_last_article(
    stage: Stage,
) -> None:
    stage.take(draft(1))
    text = stage.client().get("/feeds/").text
    for slug in ("all", "gongan"):
        for name in ("rss", "atom", "json"):
            assert f"<code>https://news.example/feeds/{slug}.{name}</code>" in text
    assert text.count("2019-08-09 09:45") == 2
    assert text.index("/feeds/all") < text.index('href="/feeds/gongan"')
    assert "订阅是让阅读器" in text


def test_an_empty_house_has_pages_too(stage: Stage) -> None:
    for path in ("/", "/feeds/", "/feeds/gongan", "/c/gongan"):
        assert stage.client().get(path).status_code == 200
    assert "还没有文章" in stage.client().get("/").text
    assert "暂无文章" in stage.client().get("/feeds/").text


def test_language_follows_address_then_browser_and_is_carried_on_without_a_cookie(
    stage: Stage,
) -> None:
    stage.take(draft(1))
    client = stage.client()
    assert "今天是" in client.get("/").text
    english = client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert "Today is" in english.text
    assert 'href="/a/1"' in english.text
    assert "Accept-Language" in english.headers["Vary"]
    chosen = client.get("/?lang=en").text
    assert "Monday, 2026-11-23" in chosen
    assert 'href="/a/1?lang=en"' in chosen
    assert 'href="/?lang=zh"' in chosen
    assert "今天是" in client.get("/?lang=%3Cscript%3E").text


def test_links_come_from_the_settings_never_from_the_host(tmp_path: Path) -> None:
    site = Site(base_url="https://news.example/portal", title="云岭法讯")
    stage = open_stage(tmp_path, site=site)
    stage.take(draft(1))
    client = stage.client()
    for path in (*PAGES, "/feeds", "//evil.example/a", "/nope", "/a/1/"):
        answer = client.get(
            path, base_url="http://evil.example/", headers={"X-Forwarded-Host": "evil.example"}
        )
        assert "evil.example" not in answer.text
        assert "Location" not in answer.headers
    text = client.get("/").text
    assert 'href="/portal/a/1"' in text
    assert 'href="/portal/static/site.' in text
    assert "https://news.example/portal/feeds/all.rss" in text
    stage.db.dispose()


@pytest.mark.parametrize("accepted", ["gzip", "br"])
def test_pages_are_compressed_and_small(stage: Stage, accepted: str) -> None:
    stage.take(*(draft(number, content(f"第{number}篇")) for number in range(1, 41)))
    client = stage.client()
    answer = client.get("/", headers={"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == accepted
    assert len(answer.data) < 30_000
    again = client.get(
        "/", headers={"Accept-Encoding": accepted, "If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert "Content-Length" not in again.headers
    head = client.head("/", headers={"Accept-Encoding": accepted})
    assert dict(head.headers) == dict(answer.headers)


def test_static_files_never_go_stale_and_the_sheet_is_small(stage: Stage) -> None:
    client = stage.client()
    [address] = re.findall(r'href="(/static/site\.[^"]+)"', client.get("/").text)
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(answer.data) <= 4096
    assert client.get("/static/site.css").status_code == 404


def test_site_words_are_shown(stage: Stage) -> None:
    text = stage.client().get("/").text
    assert f"<title>{SITE.title}</title>" in text
    assert SITE.rights in text


def test_pictures_of_feeds_have_addresses_that_stay(furnished: Client) -> None:
    answer = furnished.get("/static/feed-icon.png")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert answer.data.startswith(b"\x89PNG")
