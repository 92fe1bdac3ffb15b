"""From a list page without rules to rules: on every layout the top proposal reads the list's rows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.demo.story import Story
from feedsvc.demo.texts import load_outlets
from feedsvc.demo.trs import list_page
from feedsvc.domain.parsed import ParsedList, ParseJob, Survey
from feedsvc.errors import Blocked, FeedsvcError
from feedsvc.parse.dispatch import parse
from feedsvc.parse.survey import survey
from tests.parse.layouts import SEEN_AT, Layout, all_layouts, printed

CASES = all_layouts()


@cache
def surveyed(case: Layout) -> Survey:
    return survey(case.job)


def asked(page: str, url: str = "http://www.partner.example/x/index.html", **job: object) -> Survey:
    return survey(
        ParseJob(kind="survey", body=page.encode(), url=url, seen_at=SEEN_AT, **job)  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_top_proposal_reads_the_rows_of_the_list(case: Layout) -> None:
    assert case.about
    found = surveyed(case)
    assert found.looks_like in {"list", "json"}
    top = found.proposals[0]
    assert printed(top.rows) == case.rows
    assert top.confidence >= 0.8
    assert top.reasons
    read = parse(replace(case.job, kind="list", rules=top.rules))
    assert isinstance(read, ParsedList)
    assert read.links == top.rows
    assert read.next_url == case.following


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rules_hold_on_names_and_not_on_places(case: Layout) -> None:
    for proposal in surveyed(case).proposals:
        for rule in proposal.rules["list"].values():
            assert "nth-" not in rule
            assert not re.search(r"20\d\d", rule), "next year's rows have other addresses"
            assert len(rule) < 120


def test_proposals_are_ranked_and_differ() -> None:
    for case in CASES:
        proposals = surveyed(case).proposals
        assert [each.confidence for each in proposals] == sorted(
            (each.confidence for each in proposals), reverse=True
        )
        rows = [frozenset(row.link for row in each.rows) for each in proposals]
        assert len(set(rows)) == len(rows)


def test_the_demo_partners_list_is_read_without_its_rules() -> None:
    started = datetime(2026, 8, 8, 2, 0, tzinfo=UTC)
    state = Story(started, load_outlets()).state_at(started).sources["list"]
    job = ParseJob(
        kind="survey",
        body=list_page(state, 0),
        url="http://127.0.0.1:8899/n3559/index.html",
        seen_at=started,
    )
    top = survey(job).proposals[0]
    assert top.rules["list"]["items"] == "ul.txt-list > li"
    assert [row.title for row in top.rows] == [report.full_title for report in state.reports[:6]]
    assert all(row.published_precision == "day" for row in top.rows)
    read = parse(replace(job, kind="list", rules=top.rules))
    assert isinstance(read, ParsedList)
    assert read.next_url == "http://127.0.0.1:8899/n3559/index_1.html"


ARTICLE = (
    "<p>这里是云岭。" + "清晨六点，窗口前已经有人排队，民警把热水送到每个人手里。" * 8 + "</p>"
)


def test_an_article_with_lists_beside_it_is_an_article() -> None:
    beside = "".join(
        f"<li><a href='/2026/1101/{n}.html'>云岭镇第{n}次开放日活动举行</a></li>" for n in range(12)
    )
    found = asked(
        f"<h1>云岭的清晨</h1><div class='text'>{ARTICLE}</div><ul class='new'>{beside}</ul>"
    )
    assert found.looks_like == "article"


def test_summaries_make_no_article_of_a_list() -> None:
    rows = "".join(
        f"<li><h3><a href='/2026/1101/{n}.html'>云岭镇第{n}次开放日活动举行</a></h3>{ARTICLE}</li>"
        for n in range(6)
    )
    assert asked(f"<ul class='cards'>{rows}</ul>").looks_like == "list"


def test_a_page_that_names_feeds_says_so() -> None:
    found = asked(
        "<head><link rel='alternate' type='application/rss+xml' title='评论' href='/comments/feed/'>"
        "<link rel='alternate' type='application/atom+xml' title='要闻' href='/yw.atom'></head>"
        "<p>首页</p><a href='/rss/ga.xml'>RSS</a> <a href='/rss.html'>什么是RSS？本站订阅服务使用说明及常见问题</a>"
    )
    assert found.looks_like == "feed_links"
    assert [(feed.url, feed.declared) for feed in found.feeds] == [
        ("http://www.partner.example/yw.atom", True),
        ("http://www.partner.example/rss/ga.xml", False),
        ("http://www.partner.example/comments/feed/", True),
    ]


def test_a_feed_is_a_feed_and_nothing_is_nothing() -> None:
    assert asked('<rss version="2.0"><channel></channel></rss>').looks_like == "feed"
    assert asked("<html><body><p>改版中</p></body></html>").looks_like == "other"
    assert asked("只是一行字").looks_like == "other"
    assert asked('{"code": 0}').looks_like == "json"


def test_a_challenge_is_blocked() -> None:
    with pytest.raises(Blocked):
        asked("<html><script>document.cookie='a';location.reload()</script></html>")


def test_what_the_source_had_before_decides_between_lists() -> None:
    def block(name: str, section: str, count: int) -> str:
        rows = "".join(
            f"<li><a href='/{section}/2026/1101/{n}.html'>{name}第{n}号通告今日发布</a></li>"
            for n in range(count)
        )
        return f"<div class='{section}'><ul>{rows}</ul></div>"

    page = block("云岭", "yw", 20) + block("江湾", "ga", 8)
    assert asked(page).proposals[0].rules["list"]["items"].startswith("div.yw")
    by_link = asked(page, known=frozenset({"http://www.partner.example/ga/2026/1101/3.html"}))
    by_title = asked(page, known=frozenset({"江湾 第3号通告，今日发布", "江湾第4号通告今日发布"}))
    for found in (by_link, by_title):
        assert found.proposals[0].rules["list"]["items"].startswith("div.ga")
        assert found.proposals[0].continued > 0


@given(st.text(alphabet="<>/ \"'=abdhilptu12年月日-.", max_size=400))
def test_any_text_is_surveyed_or_refused_in_our_words(text: str) -> None:
    try:
        found = asked(text)
    except FeedsvcError:
        return
    assert all(0 <= each.confidence <= 1 for each in found.proposals)
