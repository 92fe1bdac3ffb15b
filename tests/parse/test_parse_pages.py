"""Article pages: each case of tests/data/pages is understood to the field; what is no article is refused."""

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.domain.parsed import ParsedPage, ParseJob
from feedsvc.errors import Blocked, BrokenDocument, ParseError, RulesMismatch, TooComplex
from feedsvc.parse.pages.families.registry import FAMILIES
from feedsvc.parse.pages.page import parse_page
from tests.parse import page_cases

CASES = page_cases.case_files()


def parse_text(text: str, rules: dict[str, Any] | None = None) -> ParsedPage:
    return parse_page(
        ParseJob(
            kind="page",
            body=text.encode("utf-8", "surrogatepass"),
            url="http://www.partner.example/a/1.html",
            seen_at=page_cases.SEEN_AT,
            rules=rules,
        )
    )


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_page_is_understood_to_the_field(path: Any) -> None:
    case = page_cases.load(path)
    assert case["about"]
    assert page_cases.understood(page_cases.read(path, case)) == case["expected"]


def test_every_expectation_has_its_page() -> None:
    pages = {path.stem for path in CASES}
    assert {path.stem for path in page_cases.PAGES.glob("*.json")} == pages
    assert len(pages) >= 80


FAMILY_NAMES = {family.name for family in FAMILIES}


def test_every_family_has_its_pages() -> None:
    seen = {page_cases.load(path)["expected"]["extractor"].partition("/")[2] for path in CASES}
    assert seen >= FAMILY_NAMES


@pytest.mark.parametrize(
    "path",
    [path for path in CASES if "truth" in page_cases.load(path)],
    ids=lambda path: path.name,
)
def test_where_a_page_is_misread_we_say_that_we_are_unsure(path: Any) -> None:
    case = page_cases.load(path)
    assert set(case["truth"]) <= set(case["expected"]["unsure"])
    assert all(case["expected"][field] != truth for field, truth in case["truth"].items())


ARTICLE = "<p>这是一段完整的正文，讲述一件事情的经过，从早晨讲到晚上。</p>" * 3


def test_a_challenge_page_is_blocked() -> None:
    with pytest.raises(Blocked, match="challenge") as caught:
        parse_text("<html><script>document.cookie='k='+f(7);location.reload();</script></html>")
    assert caught.value.kind == "blocked"
    assert not caught.value.permanent


def test_an_article_on_a_page_with_scripts_is_no_challenge() -> None:
    page = (
        f"<html><script>document.cookie='a=1';location.href</script><body>{ARTICLE}</body></html>"
    )
    assert "完整的正文" in parse_text(page).item.content_html


@pytest.mark.parametrize(
    "page",
    [
        "",
        " \n\t ",
        "<html></html>",
        "<html><body><div></div></body></html>",
        "<html><body><a href='/'>首页</a><a href='/b'>关于我们</a></body></html>",
        "<html><frameset><frame src='a.html'></frameset></html>",
        "<html><frameset rows='80,*'><noframes><body>您的浏览器不支持框架</body></noframes></frameset></html>",
        "<html><body><div id='root'></div><script>window.state={'title': '甲'}</script></body></html>",
    ],
)
def test_a_page_without_a_text_is_broken(page: str) -> None:
    with pytest.raises(BrokenDocument):
        parse_text(page)


@pytest.mark.parametrize(
    "page",
    [
        "<html><body>" + "<div>" * 300 + ARTICLE,
        "<b>" * 100_000 + ARTICLE,
        "<p " + " ".join(f'a{n}=">"' for n in range(100_000)) + ">" + ARTICLE,
        "<p>" + "一行，<br>" * 100_000,
        "一行，没有标记。\n" * 100_000,
        "<p>" + "很长的一段，没有尽头。" * 100_000,
    ],
    ids=["deep blocks", "deep inline", "attributes", "lines", "saved lines", "one line"],
)
def test_shapes_that_would_take_too_long_are_refused_at_once(page: str) -> None:
    started = time.process_time()
    with pytest.raises(TooComplex):
        parse_text(page)
    assert time.process_time() - started < 4, "0.1 to 0.6 s of the processor when measured"


@pytest.mark.parametrize(
    "line",
    [
        "（甲乙）" * 100_000 + "x",
        "（" * 100_000,
        "来源：" * 50_000,
        "2019-01-01 " * 50_000,
        " ( " * 50_000,
    ],
)
def test_no_line_makes_a_search_run_away(line: str) -> None:
    started = time.process_time()
    with contextlib.suppress(ParseError):
        parse_text(f"<html><body><h1>标题在这里</h1><p>{line}</p></body></html>")
    assert time.process_time() - started < 4, "under 0.5 s of the processor when measured"


def test_a_picture_alone_is_a_text() -> None:
    page = "<html><body><h1>一张照片的新闻</h1><div class='content'><img src='a.jpg'></div></body></html>"
    assert "http://www.partner.example/a/a.jpg" in parse_text(page).item.content_html


def test_rule_for_the_body_that_finds_nothing_is_a_mismatch() -> None:
    with pytest.raises(RulesMismatch, match=r"page\.body"):
        parse_text(f"<html><body>{ARTICLE}</body></html>", {"page": {"body": ".gone"}})


def test_another_rule_that_finds_nothing_is_a_repair() -> None:
    page = f"<html><body><h1>照常读出的标题</h1><div class='x'>{ARTICLE}</div></body></html>"
    parsed = parse_text(page, {"page": {"title": ".gone", "body": ".x"}})
    assert parsed.item.title == "照常读出的标题"
    assert [(each.kind, each.detail) for each in parsed.item.repairs] == [
        ("rule_unmatched", "page.title")
    ]


def test_nothing_active_survives_in_the_body() -> None:
    page = (
        "<html><body><h1>带毒的文章</h1><div class='content'><script>alert(1)</script>"
        f"{ARTICLE}<p onclick='x()'>点<a href='javascript:alert(1)'>这里</a><img src=x onerror=a()>"
        "</p><iframe src='http://evil.example/'></iframe></div></body></html>"
    )
    html = parse_text(page).item.content_html
    assert "完整的正文" in html
    for word in ("script", "onclick", "onerror", "javascript", "iframe"):
        assert word not in html


def test_inline_markup_stays_well_nested() -> None:
    page = (
        "<html><body><h1>标题在这里</h1><div class='content'><p>前<b>粗<i>斜</i></b>后，"
        "<a href='/l.html'>链<b>接</b></a>尾&lt;b&gt;。</p>" + ARTICLE + "</div></body></html>"
    )
    html = parse_text(page).item.content_html
    assert html.startswith("<p>前<b>粗<i>斜</i></b>后，<a href=")
    assert ">链<b>接</b></a>尾&lt;b&gt;。</p>" in html


def test_closing_credit_is_cut_out_of_marked_up_text() -> None:
    page = (
        "<html><body><h1>船队平安归来</h1><div class='content'><p>船队<b>平安</b>归来。"
        "<strong>（东屿海事报东屿</strong>12月1日电）（<a href='/p'>石听涛</a>、柯岩）</p></div></body></html>"
    )
    item = parse_text(page).item
    assert item.content_html == "<p>船队<b>平安</b>归来。</p>"
    assert item.credit_line == "（东屿海事报东屿12月1日电）（石听涛、柯岩）"
    assert item.authors == ("石听涛", "柯岩")


def test_a_future_date_is_not_taken() -> None:
    page = f"<html><body><h1>来自未来的稿件</h1><div>发布时间：2031-01-01 08:00</div>{ARTICLE}</body></html>"
    item = parse_text(page).item
    assert (item.published_at, item.published_precision) == (None, "none")


PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<div>", "</div>", "<table><tr><td>", "</td></tr></table>", "<br>", "<h1>",
        "</h1>", "<a href='/x.html'>", "</a>", "<pre>", "</pre>", "<ul><li>", "<img src='a.jpg'>",
        "发布时间：2019-08-09 10:45", " | 来源：中国某某网", "责任编辑：朱明", "（某报北京8月8日电）（王文 谢佳 ",
        "原标题：", "\u3000\u3000", "\n", "最新文章", "这是一句话，很长的一句话，有标点。", "2019年", "<!--enpcontent-->",
        "&#xD800;", "&#0;", "\x00", "\ufffe", "\ud800", "𠮷", "<b>", "</b>", "<script>", "</script>", "<style>",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_mixture_is_read_or_refused(text: str) -> None:
    try:
        parsed = parse_text(text)
    except ParseError:
        return
    item = parsed.item
    assert "\x00" not in item.content_html + item.title
    assert all(0.0 <= sure <= 1.0 for sure in parsed.confidence.values())
    assert (item.published_at is None) == (item.published_precision == "none")
    assert json.dumps(page_cases.understood(parsed), ensure_ascii=False).encode()
