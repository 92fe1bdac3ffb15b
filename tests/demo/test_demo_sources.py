"""The sample partner as sources: what an operator would have typed works on what it serves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import pytest
from lxml import html
from lxml.html import HtmlElement

from feedsvc.demo.answers import answer
from feedsvc.demo.sources import demo_category, demo_sources
from feedsvc.demo.story import Story
from feedsvc.demo.texts import load_outlets
from feedsvc.domain.source import Source

START = datetime(2026, 3, 9, 1, 2, 3, tzinfo=UTC)
NOW = START + timedelta(seconds=70)
BASE = "http://127.0.0.1:9999"


def sources() -> dict[str, Source]:
    return {source.slug: source for source in demo_sources(BASE)}


def rules(table: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = sources()["demo-list"].rules[table]
    return found


def page(path: str) -> HtmlElement:
    given = answer(Story(START, load_outlets()), path, NOW, BASE)
    assert given.status == 200
    return html.fromstring(given.body.decode("gb18030"))


def rows(path: str) -> list[HtmlElement]:
    return page(path).cssselect(rules("list")["items"])


def test_four_sources_of_the_demo_in_its_category() -> None:
    assert demo_category().slug == "gongan"
    assert demo_category().title == "公安要闻"
    assert list(sources()) == ["demo-rss", "demo-atom", "demo-list", "demo-broken"]
    for source in sources().values():
        assert source.demo
        assert source.category == demo_category().slug
        assert 5 <= source.every_seconds <= 15
        path = source.url.removeprefix(BASE)
        assert answer(Story(START, load_outlets()), path, NOW, BASE).status == 200
    assert {slug: source.kind for slug, source in sources().items()} == {
        "demo-rss": "feed",
        "demo-atom": "feed",
        "demo-list": "list",
        "demo-broken": "feed",
    }


def test_sources_are_called_what_their_outlets_are_called() -> None:
    names = [outlet.name for outlet in load_outlets().values()]
    assert [source.title for source in sources().values()] == names


def test_the_list_rules_find_every_row_with_link_title_and_date() -> None:
    found = rows("/n3559/index.html")
    assert len(found) == 6
    for row, report in zip(found, listed(), strict=False):
        (link,) = row.cssselect(rules("list")["link"])
        (title,) = row.cssselect(rules("list")["title"])
        (date,) = row.cssselect(rules("list")["date"])
        href = urljoin("/n3559/index.html", link.get("href", ""))
        assert answer(Story(START, load_outlets()), href, NOW, BASE).status == 200
        assert report.startswith(title.text_content().rstrip("…"))
        assert title.get("title") == report
        assert len(date.text_content()) == len("2026-03-08")


def test_the_list_rules_find_the_second_page_and_its_end() -> None:
    (following,) = page("/n3559/index.html").cssselect(rules("list")["next"])
    assert following.get("href") == "index_1.html"
    assert len(rows("/n3559/index_1.html")) == 9 - 6
    assert page("/n3559/index_1.html").cssselect(rules("list")["next"]) == []


def test_no_script_of_the_list_hides_a_link() -> None:
    assert "createPageHTML(2, 0" in page("/n3559/index.html").xpath("string(//script)")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "/n3559/202603/t20260306_835803.html",
            {
                "title": "冯镕的“一百零八户”记望川区松桥社区网格员",
                "date": "2026年03月06日 08:40",
                "attribution": "望川平安网",
                "authors": "谢喆",
                "editors": "左镕",
            },
        ),
        (
            "/n3559/202603/t20260308_835806.html",
            {
                "title": "楼道清一米 生命多一程望川区打通消防“最后十米”",
                "date": "2026-03-08 09:05",
                "attribution": "望川消防网",
                "authors": "孟喆",
                "editors": "左镕",
            },
        ),
    ],
)
def test_the_page_rules_find_each_field_once(path: str, expected: dict[str, str]) -> None:
    tree = page(path)
    for field, value in expected.items():
        (node,) = tree.cssselect(rules("page")[field])
        assert node.text_content().strip() == value
    (body,) = tree.cssselect(rules("page")["body"])
    (style,) = tree.cssselect(rules("page")["remove"])
    style.drop_tree()
    text = body.text_content().strip()
    assert text.startswith("望川区松桥社区第六网格" if "835803" in path else "“再往左一点")
    assert text.endswith("电）（谢喆）" if "835803" in path else "电）（孟喆）")
    assert "推荐文章" not in text


def listed() -> list[str]:
    reports = Story(START, load_outlets()).source_at("list", NOW).reports
    return [report.full_title for report in reports]
