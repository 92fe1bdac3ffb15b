"""Attribution survives reposting: a feed parser finds who is credited and where the original is."""

from __future__ import annotations

from typing import Any

import feedparser
import pytest

from feedsvc.render.dispatch import render
from tests.render.samples import MIXED, SITE, entry, feed


@pytest.fixture(params=["rss", "atom"])
def first(request: pytest.FixtureRequest) -> Any:
    return feedparser.parse(render(MIXED, request.param, SITE)).entries[0]


def test_the_credited_publisher_comes_back(first: Any) -> None:
    assert first.publisher == "云岭日报"


def test_the_source_comes_back_with_its_address(first: Any) -> None:
    assert first.source.title == "云岭警务网"
    assert first.source.get("href", first.source.get("id")) == "https://partner.example/rss.xml"


def test_the_original_comes_back(first: Any) -> None:
    via = [link.href for link in first.links if link.rel == "via"]
    assert via == ["https://partner.example/news/1.html"]


def test_our_page_stays_the_entry_s_link(first: Any) -> None:
    assert first.link == "https://news.example/a/1"


def test_people_and_rights_come_back(first: Any) -> None:
    assert [each.name for each in first.authors] == ["方一鸣", "何小满"]
    assert [each.name for each in first.contributors] == ["罗闻"]
    assert first.rights == "云岭警务网供稿"


@pytest.mark.parametrize("fmt", ["rss", "atom"])
def test_what_is_unknown_is_left_out(fmt: Any) -> None:
    shown = feed(entry(1, attribution="", origin_url=None, source_url="", rights=""))
    read = feedparser.parse(render(shown, fmt, SITE)).entries[0]
    assert "publisher" not in read
    assert "source" not in read
    assert "rights" not in read
    assert [link.rel for link in read.links if link.rel == "via"] == []
