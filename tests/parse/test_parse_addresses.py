"""Addresses of articles, and of what is none."""

from __future__ import annotations

import pytest

from feedsvc.parse.proposals.address import address_pattern, article_likeness


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/n3559/201904/t20190415_835839.html",
        "http://a.example/index/content/2019-05/24/content_7887167.htm",
        "http://a.example/n1/2018/1220/c35421-30477880.html",
        "http://a.example/gn/2020/07-04/9229153.shtml",
        "http://a.example/article/detail/2010/09/id/428147.shtml",
        "http://a.example/info/1043/1234.htm",
        "http://a.example/art/2026/8/1/art_1229_5123.html",
        "http://a.example/c_1125327450.htm",
        "http://a.example/show.php?contentid=8123",
        "http://a.example/ReadNews.asp?NewsID=42",
        "http://a.example/news/court-opens-weekend-desk",
        "https://mp.a.example/s/aK3d9_x871839QwZ",
        "http://a.example/archives/866749/",
    ],
)
def test_articles(url: str) -> None:
    assert article_likeness(url) >= 0.5


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/",
        "http://a.example/gn/",
        "http://a.example/n3559/index.html",
        "http://a.example/n3559/index_12.html",
        "http://a.example/node_81111.htm",
        "http://a.example/col/col1229/index.html",
        "http://a.example/list.php?catid=1043",
        "http://a.example/tag/2026/",
        "http://a.example/about/contact.html",
        "http://a.example/2026/1101/p8812.jpg",
        "http://a.example/author/zhou",
        "http://[broken",
    ],
)
def test_what_is_no_article(url: str) -> None:
    assert article_likeness(url) < 0.5


def test_addresses_of_one_template_have_one_pattern() -> None:
    assert address_pattern("http://a.example/gn/2020/07-04/9229153.shtml") == address_pattern(
        "http://a.example/sh/2026/11-01/10229153.shtml"
    )
    assert address_pattern("http://a.example/gn/2020/07-04/1.shtml") != address_pattern(
        "http://a.example/gn/2020/"
    )
