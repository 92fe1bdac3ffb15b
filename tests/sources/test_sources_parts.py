"""Articles over several pages and lists over several pages, fetched from a partner within bounds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from feedsvc.sources.listing import MOST_LIST_PAGES
from feedsvc.sources.parts import MOST_PARTS
from feedsvc.text.html import plain_text
from tests.partner import Answer, Partner, partner_site
from tests.sources.reaching import LoopbackReach, collect_list, html, loopback_reach

RULES = {"list": {"items": "li"}}


def part(number: int, last: int, more: str = "") -> str:
    """Page `number` of an article, as people print them."""
    links = "".join(
        f"<a href='/n/8{f'_{each}' if each > 1 else ''}.html'>【{each}】</a>"
        for each in range(1, last + 1)
    )
    return (
        f"<html><head><title>早市改造调查_云岭警务网</title></head><body><h1>早市改造调查</h1>"
        f"<div>2026-10-08 09:30 来源：云岭警务网</div><div class='article-content'>"
        f"<p>第{number}页：云岭镇的早市搬进了有顶棚的旧厂房，水电入户，摊位费减半，街面也宽了。</p>"
        f"<p>第{number}页还写道：四十七户摊贩陆续搬了进来，半年来没有一起纠纷闹到派出所里去。</p></div>"
        f"<div>{links}</div>{more}</body></html>"
    )


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_site() as site:
        html(site, "/index.html", "<ul><li><a href='/n/8.html'>早市改造调查</a></li></ul>")
        html(site, "/n/8.html", part(1, 3))
        html(site, "/n/8_2.html", part(2, 3))
        html(site, "/n/8_3.html", part(3, 3, "<div>责任编辑：文静</div>"))
        yield site


@pytest.fixture
def reach() -> Iterator[LoopbackReach]:
    with loopback_reach() as running:
        yield running


def test_the_pages_of_an_article_are_put_together(partner: Partner, reach: LoopbackReach) -> None:
    [item] = collect_list(partner, reach, RULES).items
    lines = plain_text(item.content_html).split("\n")
    assert [line[:4] for line in lines] == [
        "第1页：",
        "第1页还",
        "第2页：",
        "第2页还",
        "第3页：",
        "第3页还",
    ]
    assert item.editors == ("文静",)
    assert item.title == "早市改造调查"
    assert item.link is not None
    assert item.link.endswith("/n/8.html")


def test_a_missing_page_ends_the_article_and_is_noted(
    partner: Partner, reach: LoopbackReach
) -> None:
    del partner.pages["/n/8_3.html"]
    [item] = collect_list(partner, reach, RULES).items
    assert "第2页" in item.content_html
    assert [each.kind for each in item.repairs] == ["page_missing"]


def test_half_an_article_is_not_taken_while_a_page_fails(
    partner: Partner, reach: LoopbackReach
) -> None:
    partner.pages["/n/8_2.html"] = Answer(b"", status=503)
    collected = collect_list(partner, reach, RULES)
    assert collected.items == ()
    assert [each.kind for each in collected.rejections] == ["http_status"]
    assert not collected.complete


def test_a_pager_that_never_ends_is_left(partner: Partner, reach: LoopbackReach) -> None:
    for number in range(2, 80):
        html(partner, f"/n/8_{number}.html", part(number, number + 1))
    [item] = collect_list(partner, reach, RULES).items
    assert partner.count(f"/n/8_{MOST_PARTS}.html") == 1
    assert partner.count(f"/n/8_{MOST_PARTS + 1}.html") == 0
    assert f"第{MOST_PARTS}页" in item.content_html


def test_a_script_that_shows_the_same_page_again_adds_nothing(
    partner: Partner, reach: LoopbackReach
) -> None:
    html(partner, "/n/8_2.html", part(1, 3))
    [item] = collect_list(partner, reach, RULES).items
    assert item.content_html.count("第1页：") == 1


def test_computed_list_pages_are_read_while_they_hold_only_news_and_no_further(
    partner: Partner, reach: LoopbackReach
) -> None:
    script = "<script>createPageHTML(40, {}, 'index', 'html');</script>"
    for number in range(40):
        name = f"/index_{number}.html" if number else "/index.html"
        row = f"<ul><li><a href='/n/8.html?p={number}'>早市改造调查之{number}</a></li></ul>"
        html(partner, name, row + script.format(number))
    collect_list(partner, reach, RULES)
    asked = [partner.count(f"/index_{number}.html") for number in range(1, 8)]
    assert asked == [1] * (MOST_LIST_PAGES - 1) + [0] * (8 - MOST_LIST_PAGES)
