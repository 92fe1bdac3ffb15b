"""A site that aggregates us with this very software still knows who wrote what, and what became of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.domain.article import Article
from feedsvc.domain.feed import FORMATS, MEDIA_TYPES, Format
from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ParsedFeed, ParseJob
from feedsvc.parse.dispatch import parse
from feedsvc.publish.assemble import assemble
from feedsvc.render.dispatch import render
from tests.publish.stored import AT, CONTENT, SECRET, SITE, article, snapshot

LABELLED = replace(CONTENT, ai_label="assisted")


@pytest.fixture(params=FORMATS)
def items(request: pytest.FixtureRequest) -> list[Item]:
    """What the next hop reads of a live, a corrected and a withdrawn article."""
    stored = [
        article(1, LABELLED),
        article(2, LABELLED, status="corrected", reason="日期有误"),
        article(3, status="withdrawn", reason="内容失实"),
    ]
    return read(stored, request.param)


def read(stored: list[Article], fmt: Format) -> list[Item]:
    """What the next hop reads of these articles, behind an address that is not ours."""
    job = ParseJob(
        kind="feed",
        body=render(assemble(snapshot(*stored), SITE), fmt, SITE),
        url=f"https://cdn.example/mirror/gongan.{fmt}",
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


def test_tags_survive_and_our_section_is_none_of_them(items: list[Item]) -> None:
    assert items[0].categories == items[1].categories == ("夜间巡查", "河岸")
    assert items[2].categories == ()


def test_the_ai_label_survives_and_goes_with_the_text(items: list[Item]) -> None:
    live, corrected, withdrawn = items
    assert (live.ai_label, corrected.ai_label, withdrawn.ai_label) == ("assisted", "assisted", "")
    # Who shows it says so anew; the text itself stays what it was.
    assert live.content_html.startswith(f"<p>{SECRET}")
    for item in (live, corrected):
        assert "【AI" not in item.content_html + item.summary_html


def test_the_ai_label_is_shown_once_however_often_it_travels(items: list[Item]) -> None:
    live = items[0]
    body = f"<p>【AI辅助生成】</p>{live.content_html}"
    again = article(1, replace(CONTENT, body_html=body, ai_label=live.ai_label, summary=""))
    (entry,) = assemble(snapshot(again), SITE).entries
    assert entry.content_html.count("【AI辅助生成】") == 1
    assert entry.summary.count("【AI辅助生成】") == 1


def test_files_survive_with_what_is_known_of_them(items: list[Item]) -> None:
    (sound,) = [each for each in items[0].enclosures if each.media_type == "audio/mpeg"]
    assert (sound.url, sound.duration) == ("https://partner.example/1.mp3", 75)


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_licence_survives(fmt: Format) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    assert read([article(1, replace(CONTENT, rights=licence))], fmt)[0].rights == licence


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_untagged_article_stays_untagged(fmt: Format) -> None:
    assert read([article(1, replace(CONTENT, tags=()))], fmt)[0].categories == ()


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


def test_a_correction_is_understood_and_its_note_taken_off(items: list[Item]) -> None:
    corrected = items[1]
    assert corrected.marker is not None
    assert (corrected.marker.status, corrected.marker.reason) == ("corrected", "日期有误")
    assert "更正" not in corrected.content_html + corrected.summary_html
