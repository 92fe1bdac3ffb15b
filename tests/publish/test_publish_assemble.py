"""assemble: what a feed shows of live, corrected, withdrawn and held articles."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.domain.article import Content, Status
from feedsvc.domain.feed import FORMATS
from feedsvc.publish.assemble import assemble
from feedsvc.publish.check import check
from feedsvc.render.dispatch import render
from tests.publish.stored import AT, CONTENT, SECRET, SITE, article, snapshot

STATUSES: list[Status] = ["live", "corrected", "withdrawn", "held"]


def test_a_live_article_is_shown_with_its_provenance() -> None:
    (entry,) = assemble(snapshot(article(7)), SITE).entries
    assert entry.guid == "urn:uuid:1b671a64-40d5-491e-99b0-000000000007"
    assert entry.url == "https://news.example/a/7"
    assert entry.title == CONTENT.title
    assert entry.summary == CONTENT.summary
    assert entry.origin_url == CONTENT.origin_url
    assert (entry.attribution, entry.source_title) == ("云岭日报", "云岭警务网")
    assert (entry.authors, entry.editors) == (("方一鸣",), ("罗闻",))
    assert (entry.dateline, entry.credit_line) == (CONTENT.dateline, "（记者方一鸣")
    assert (entry.status, entry.revision) == ("live", 1)


def test_the_feed_says_what_the_state_says() -> None:
    feed = assemble(snapshot(article()), SITE)
    assert feed.page_url == "https://news.example/feeds/gongan"
    assert (feed.cursor, feed.updated_at, feed.title) == (5, AT, "公安")
    assert feed.description == "云岭法讯 · 公安"
    assert assemble(snapshot(description="警务消息"), SITE).description == "警务消息"


def test_pictures_become_links_so_that_nothing_foreign_is_loaded() -> None:
    (entry,) = assemble(snapshot(article()), SITE).entries
    assert "<img" not in entry.content_html
    assert 'href="https://partner.example/p.jpg"' in entry.content_html
    assert "河岸" in entry.content_html


def test_the_newest_published_comes_first_and_equal_times_go_by_guid() -> None:
    same = [article(number, published_at=AT) for number in (3, 1, 2)]
    feed = assemble(snapshot(article(9), *same, article(4)), SITE)
    assert [entry.guid[-1] for entry in feed.entries] == ["1", "2", "3", "4", "9"]


def test_a_held_article_is_never_shown() -> None:
    feed = assemble(snapshot(article(1, status="held"), article(2)), SITE)
    assert [entry.guid[-1] for entry in feed.entries] == ["2"]


@pytest.mark.parametrize("reason", ["内容失实", ""])
def test_a_withdrawn_article_is_a_notice_without_a_trace_of_the_text(reason: str) -> None:
    later = AT + timedelta(hours=2)
    gone = article(1, status="withdrawn", reason=reason, updated_at=later)
    feed = assemble(snapshot(gone), SITE)
    (entry,) = feed.entries
    assert entry.guid == gone.guid
    assert entry.title == f"【撤稿】{CONTENT.title}"
    assert (reason or "未说明") in entry.summary
    assert (reason or "未说明") in entry.content_html
    assert "2026-10-08 14:00（北京时间）" in entry.content_html
    assert entry.updated_at == later
    assert entry.published_at == gone.published_at
    assert (entry.attribution, entry.origin_url) == ("云岭日报", CONTENT.origin_url)
    for fmt in FORMATS:
        shown = render(feed, fmt, SITE).decode()
        for word in (SECRET, "p.jpg", "1.mp3", "方一鸣", "罗闻", "老街夜巡"):
            assert word not in shown


def test_a_title_is_marked_as_withdrawn_once() -> None:
    content = replace(CONTENT, title="【撤稿】云岭镇派出所通报")
    (entry,) = assemble(snapshot(article(1, content, status="withdrawn")), SITE).entries
    assert entry.title == "【撤稿】云岭镇派出所通报"


def test_a_corrected_article_says_so_before_its_text() -> None:
    fixed = article(1, status="corrected", reason="日期<有误>", updated_at=AT)
    (entry,) = assemble(snapshot(fixed), SITE).entries
    assert entry.title == CONTENT.title
    note = "<p><strong>【更正】</strong>本文已于 2026-10-08 12:00（北京时间） 更正：日期&lt;有误&gt;</p>"
    assert entry.content_html.startswith(note)
    assert SECRET in entry.content_html
    assert entry.summary == f"【更正】日期<有误> {CONTENT.summary}"


def test_an_entry_is_never_updated_before_it_was_published() -> None:
    odd = article(1, published_at=AT, updated_at=AT - timedelta(days=3))
    (entry,) = assemble(snapshot(odd), SITE).entries
    assert entry.updated_at == entry.published_at == AT


def test_what_a_partner_left_out_is_made_from_the_text() -> None:
    body = "<p>" + "巡查队沿河而行。" * 30 + "</p>"
    untitled = article(1, Content(title="", body_html=body))
    (entry,) = assemble(snapshot(untitled), SITE).entries
    assert entry.title.startswith("巡查队沿河而行")
    assert len(entry.title) <= 41
    assert entry.summary.startswith("巡查队沿河而行")
    assert len(entry.summary) <= 161
    assert entry.origin_url == "https://partner.example/link/1"


@given(st.lists(st.sampled_from(STATUSES), max_size=6), st.text(max_size=20))
def test_every_article_but_the_held_is_shown_and_no_document_is_wrong(
    statuses: list[Status], reason: str
) -> None:
    stored = [article(n + 1, status=each, reason=reason) for n, each in enumerate(statuses)]
    feed = assemble(snapshot(*stored), SITE)
    assert [entry.guid for entry in feed.entries] == [a.guid for a in stored if a.status != "held"]
    for fmt in FORMATS:
        check(render(feed, fmt, SITE), fmt, feed)
    withdrawn = [entry for entry in feed.entries if entry.status == "withdrawn"]
    assert all(SECRET not in str(asdict(entry)) for entry in withdrawn)
