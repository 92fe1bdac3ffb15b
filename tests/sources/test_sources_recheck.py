"""Pages looked at again: gone, changed, marked, or saying nothing, each as what it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from feedsvc.domain.item import Item
from feedsvc.domain.page import Page
from feedsvc.domain.source import Claim, Source, SourceKind, Validators
from feedsvc.sources.absence import Absence, absence
from feedsvc.sources.collect import collect
from feedsvc.sources.reach import Collected
from feedsvc.text.urls import canonical
from tests.partner import Answer, Partner, partner_site, rss
from tests.sources.reaching import HTML, SEEN_AT, TEXT, LoopbackReach, article, html, loopback_reach

RULES: dict[str, Any] = {"list": {"items": "li"}}
TITLE = "云岭夜间窗口第{}天"


@pytest.fixture
def reach() -> Iterator[LoopbackReach]:
    with loopback_reach() as found:
        yield found


@pytest.fixture
def partner(reach: LoopbackReach) -> Iterator[Partner]:
    """Three articles that we have: two are listed, the third has left the list."""
    with partner_site() as site:
        rows = [
            f"<li><a href='/n/{number}.html'>{TITLE.format(number)}</a></li>" for number in (1, 2)
        ]
        html(site, "/index.html", f"<ul>{''.join(rows)}</ul>")
        for number in (1, 2, 3):
            html(site, f"/n/{number}.html", article(TITLE.format(number)))
            reach.pages.append(Page(link=f"{site.url}/n/{number}.html"))
            reach.known.add(canonical(f"{site.url}/n/{number}.html"))
        yield site


def poll(
    partner: Partner,
    reach: LoopbackReach,
    rules: dict[str, Any] = RULES,
    kind: SourceKind = "list",
    **known: Any,
) -> Collected:
    source = Source(
        id=1, slug="partner", url=f"{partner.url}/index.html", category="gongan", kind=kind,
        rules=rules, recheck=True,
    )  # fmt: skip
    claim = Claim(source=source, lease=1, expires_at=SEEN_AT, **known)
    found = collect(claim, reach, seen_at=SEEN_AT)
    # What the store would do between two polls.
    seen = {page.link: page for page in found.looked_at}
    reach.pages = [seen.get(page.link, page) for page in reach.pages]
    return found


def markers(found: Collected) -> list[tuple[str, str, bool]]:
    """(number of the page, status, certain) of each marker."""
    return [
        ((item.link or "")[-6], item.marker.status, item.marker.certain)
        for item in found.rechecked
        if item.marker
    ]


def test_pages_that_say_the_same_are_asked_with_their_own_validators(
    partner: Partner, reach: LoopbackReach
) -> None:
    etag = ("ETag", '"1"')
    partner.publish("/n/1.html", article(TITLE.format(1)), *HTML, etag)
    first = poll(partner, reach)
    assert len(first.rechecked) == 3, "a page without validators is read"
    assert reach.pages[0].validators.etag == '"1"'
    partner.pages["/n/1.html"] = Answer(b"", status=304, headers=(etag,))
    again = poll(partner, reach)
    assert again.rechecked == ()
    assert [page.link for page in again.looked_at] == [page.link for page in reach.pages]
    assert reach.pages[0].validators.etag == '"1"'


def test_it_is_done_although_the_list_itself_is_unchanged(
    partner: Partner, reach: LoopbackReach
) -> None:
    first = poll(partner, reach)
    partner.pages["/n/2.html"] = Answer(b"", status=410)
    again = poll(partner, reach, validators=first.validators)
    assert again.unchanged
    assert reach.asked[-1][0] is None, "the list was not read"
    assert markers(again) == [("2", "withdrawn", True)]


@pytest.mark.parametrize("status", [404, 410])
def test_gone_twice_is_gone(partner: Partner, reach: LoopbackReach, status: int) -> None:
    poll(partner, reach)
    partner.pages["/n/3.html"] = Answer(b"x", status=status)
    found = poll(partner, reach)
    assert markers(found) == [("3", "withdrawn", True)]
    assert found.rechecked[0].marker is not None
    assert found.rechecked[0].marker.evidence == f"HTTP {status} {partner.url}/n/3.html"
    gone = [page for page in found.looked_at if page.gone]
    assert [(page.link, page.validators) for page in gone] == [
        (f"{partner.url}/n/3.html", Validators())
    ]
    assert partner.count("/n/3.html") == 3


def test_gone_once_is_not(partner: Partner, reach: LoopbackReach) -> None:
    answers = iter([Answer(b"x", status=404), Answer(article(TITLE.format(3)).encode())])
    partner.pages["/n/3.html"] = lambda: next(answers)
    found = poll(partner, reach)
    assert markers(found) == []
    assert not any(page.gone for page in found.looked_at)


def test_most_pages_gone_at_once_is_for_an_editor(partner: Partner, reach: LoopbackReach) -> None:
    for number in range(4, 8):
        reach.pages.append(Page(link=f"{partner.url}/n/{number}.html"))
    found = poll(partner, reach)
    assert markers(found) == [(str(number), "withdrawn", False) for number in range(4, 8)]
    assert not any(page.gone for page in found.looked_at), "they are looked at again"


@pytest.mark.parametrize("status", [403, 429, 500, 502, 503])
def test_an_error_of_the_server_says_nothing(
    partner: Partner, reach: LoopbackReach, status: int
) -> None:
    poll(partner, reach)
    partner.pages["/n/1.html"] = Answer(b"<html><body>busy</body></html>", status=status)
    found = poll(partner, reach)
    assert (found.rechecked, found.rejections) == ((), ())
    assert len(found.looked_at) == 2


def test_a_partner_that_is_down_is_not_asked_for_each_page(
    partner: Partner, reach: LoopbackReach
) -> None:
    for number in range(1, 9):
        partner.pages[f"/n/{number}.html"] = Answer(b"", status=503)
        reach.pages.append(Page(link=f"{partner.url}/n/{number}.html"))
    poll(partner, reach)
    assert sum(partner.count(f"/n/{number}.html") for number in range(1, 9)) == 3


@pytest.mark.parametrize("rules", [RULES, {**RULES, "page": {"body": ".article-content"}}])
@pytest.mark.parametrize(
    ("said", "marked"),
    [
        ("<h1>提示</h1><p>您访问的页面不存在或已被删除。</p>", [("1", "withdrawn", False)]),
        ("<h1>提示</h1><p>网站升级维护中，请稍后再试。</p>", []),
    ],
)
def test_a_notice_instead_of_an_article_is_no_text(
    partner: Partner, reach: LoopbackReach, rules: dict[str, Any], said: str, marked: object
) -> None:
    poll(partner, reach, rules)
    html(partner, "/n/1.html", f"<html><body>{said}</body></html>")
    found = poll(partner, reach, rules)
    assert markers(found) == marked
    assert [item for item in found.rechecked if item.marker is None] == []


def test_a_page_that_leads_to_the_front_page_is_for_an_editor(
    partner: Partner, reach: LoopbackReach
) -> None:
    html(partner, "/", article("首页"))
    partner.pages["/n/1.html"] = Answer(b"", status=302, headers=(("Location", "/"),))
    found = poll(partner, reach)
    assert markers(found) == [("1", "withdrawn", False)]


@pytest.mark.parametrize(
    ("mark", "status"), [("【撤稿】", "withdrawn"), ("更正：", "corrected"), ("", None)]
)
def test_changed_text_is_an_item_and_a_mark_in_its_title_a_marker(
    partner: Partner, reach: LoopbackReach, mark: str, status: str | None
) -> None:
    poll(partner, reach)
    text = "撤稿原因：内容失实。" if status == "withdrawn" else TEXT.replace("九点", "十点")
    html(partner, "/n/2.html", article(mark + TITLE.format(2), text * 3))
    [item] = poll(partner, reach).rechecked
    assert item.rechecked
    assert item.title == TITLE.format(2)
    assert (item.marker.status if item.marker else None) == status
    if item.marker and status == "withdrawn":
        assert "内容失实" in item.marker.reason


def test_a_row_that_says_withdrawn_is_believed_without_its_page(
    partner: Partner, reach: LoopbackReach
) -> None:
    html(
        partner,
        "/index.html",
        f"<ul><li><a href='/n/1.html'>【撤稿】{TITLE.format(1)}</a></li></ul>",
    )
    [item] = poll(partner, reach).items
    assert (item.link, item.title) == (f"{partner.url}/n/1.html", TITLE.format(1))
    assert item.marker is not None
    assert item.marker.status == "withdrawn"


def test_pages_of_a_feed_tell_only_of_withdrawals(partner: Partner, reach: LoopbackReach) -> None:
    partner.publish("/index.html", rss([]).replace("</channel>", _item(partner) + "</channel>"))
    html(partner, "/n/1.html", article(TITLE.format(1), TEXT.replace("九点", "十点") * 3))
    html(partner, "/n/2.html", article("【撤稿】" + TITLE.format(2)))
    partner.pages["/n/3.html"] = Answer(b"", status=404)
    found = poll(partner, reach, {}, "feed")
    assert markers(found) == [("2", "withdrawn", True), ("3", "withdrawn", True)]
    assert len(found.rechecked) == 2
    assert found.listed == {f"{partner.url}/n/1.html": None}


def _item(partner: Partner) -> str:
    return f"<item><title>一</title><link>{partner.url}/n/1.html</link></item>"


@pytest.mark.parametrize(
    ("title", "text", "said"),
    [
        ("404 Not Found", "", "gone"),
        ("温馨提示", "对不起，您访问的文章已被删除！", "gone"),
        ("提示信息", "抱歉，没有找到您要访问的页面", "gone"),
        ("", "该信息已下线", "gone"),
        ("系统维护", "系统升级维护中，给您带来不便敬请谅解", "busy"),
        ("", "服务器繁忙，请稍后再试", "busy"),
        ("云岭开通夜间便民窗口", "云岭镇派出所的窗口亮到晚上九点。", None),
        ("警方提醒：网页不存在陷阱", TEXT * 5, None),
    ],
)
def test_notices_are_told_from_articles(title: str, text: str, said: Absence | None) -> None:
    assert absence(Item(title=title, content_html=f"<p>{text}</p>")) == said
