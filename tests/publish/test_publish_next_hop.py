"""A site that aggregates us with this very software still knows who wrote what, and what became of it."""

from __future__ import annotations

import pytest

from feedsvc.domain.feed import FORMATS, MEDIA_TYPES, Format
from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ParsedFeed, ParseJob
from feedsvc.parse.dispatch import parse
from feedsvc.publish.assemble import assemble
from feedsvc.render.dispatch import render
from tests.publish.stored import AT, CONTENT, SECRET, SITE, article, snapshot


@pytest.fixture(params=FORMATS)
def items(request: pytest.FixtureRequest) -> list[Item]:
    """What the next hop reads of a live, a corrected and a withdrawn article."""
    stored = [
        article(1),
        article(2, status="corrected", reason="日期有误"),
        article(3, status="withdrawn", reason="内容失实"),
    ]
    fmt: Format = request.param
    job = ParseJob(
        kind="feed",
        body=render(assemble(snapshot(*stored), SITE), fmt, SITE),
        url=f"https://news.example/feeds/gongan.{fmt}",
        seen_at=AT,
        content_type=MEDIA_TYPES[fmt],
    )
    parsed = parse(job)
    assert isinstance(parsed, ParsedFeed)
    assert parsed.rejections == ()
    return list(parsed.items)


def test_provenance_survives(items: list[Item]) -> None:
    live = items[0]
    assert live.guid == article(1).guid
    assert live.link == "https://news.example/a/1"
    assert live.title == CONTENT.title
    assert live.attribution == "云岭日报"
    assert live.origin_url == CONTENT.origin_url
    assert (live.authors, live.editors) == (("方一鸣",), ("罗闻",))
    assert live.rights == "供稿"
    assert (live.published_at, live.updated_at) == (article(1).published_at, AT)
    assert SECRET in live.content_html


def test_a_withdrawal_is_understood(items: list[Item]) -> None:
    withdrawn = items[2]
    assert withdrawn.marker is not None
    assert withdrawn.marker.status == "withdrawn"
    assert withdrawn.attribution == "云岭日报"
    assert withdrawn.origin_url == CONTENT.origin_url
    assert SECRET not in withdrawn.content_html + withdrawn.summary_html


def test_a_correction_keeps_title_and_text(items: list[Item]) -> None:
    corrected = items[1]
    assert corrected.title == CONTENT.title
    assert SECRET in corrected.content_html
