"""The partner's story: what happens when, and that nothing but start and time decides it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.demo import timetable
from feedsvc.demo.addresses import named_by, path_of
from feedsvc.demo.story import WINDOW, Report, Story
from feedsvc.demo.texts import SOURCES, SourceName, load_outlets

START = datetime(2026, 3, 9, 1, 2, 3, 456_789, tzinfo=UTC)
WHOLE = START.replace(microsecond=0)
A_MONTH = 30 * 24 * 3600

starts = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware by `timezones`
moments = st.integers(0, A_MONTH)


def story(started_at: datetime = START) -> Story:
    return Story(started_at, load_outlets())


def after(seconds: float) -> datetime:
    return WHOLE + timedelta(seconds=seconds)


def shown(source: SourceName, seconds: float) -> tuple[Report, ...]:
    return story().source_at(source, after(seconds)).reports


def marked(source: SourceName, status: str, seconds: float) -> list[int]:
    return [report.number for report in shown(source, seconds) if report.status == status]


def test_at_the_start_each_source_shows_its_past_articles() -> None:
    state = story().state_at(START)
    assert {name: len(source.reports) for name, source in state.sources.items()} == {
        "rss": 6,
        "atom": 6,
        "list": 8,
        "broken": 5,
    }
    for source in state.sources.values():
        assert all(report.published_at < WHOLE for report in source.reports)
        assert {report.status for report in source.reports} == {"live"}


def test_before_the_start_it_is_as_at_the_start() -> None:
    early = story().source_at("rss", START - timedelta(days=2))
    assert early == story().source_at("rss", START)


@pytest.mark.parametrize(
    ("seconds", "source"),
    [
        (20, "rss"), (40, "atom"), (60, "list"), (80, "broken"), (100, "rss"), (120, "atom"),
        (140, "list"), (160, "broken"), (180, "rss"), (200, "atom"), (220, "list"), (240, "broken"),
    ],
)  # fmt: skip
def test_a_new_article_comes_out_every_twenty_seconds(seconds: int, source: SourceName) -> None:
    before, now = story().state_at(after(seconds - 0.5)), story().state_at(after(seconds))
    for name in SOURCES:
        newest = now.sources[name].reports[0]
        if name == source:
            assert newest.number == before.sources[name].reports[0].number + 1
            assert newest.published_at == after(seconds)
        else:
            assert newest.number == before.sources[name].reports[0].number


def test_articles_of_the_opening_are_all_different() -> None:
    state = story().state_at(after(240))
    for source in state.sources.values():
        titles = [report.title.removeprefix("【更正】") for report in source.reports]
        assert len(set(titles)) == len(titles) == len(source.outlet.texts)
        assert not any("重刊" in title for title in titles)


def test_the_rss_source_corrects_an_article_after_forty_seconds() -> None:
    assert marked("rss", "corrected", 39.5) == []
    assert marked("rss", "corrected", 40) == [5]
    was = next(report for report in shown("rss", 39) if report.number == 5)
    now = next(report for report in shown("rss", 40) if report.number == 5)
    assert now.title != was.title
    assert now.title.startswith("【更正】")
    assert now.paragraphs[1:] != was.paragraphs
    assert now.paragraphs[0] == f"更正：{now.reason}"
    assert now.published_at == was.published_at
    assert (was.updated_at, now.updated_at) == (was.published_at, after(40))
    assert path_of(was) == path_of(now)


def test_the_atom_source_withdraws_an_article_after_eighty_seconds() -> None:
    assert marked("atom", "withdrawn", 79.5) == []
    assert marked("atom", "withdrawn", 80) == [6]
    gone = next(report for report in shown("atom", 80) if report.number == 6)
    assert gone.paragraphs == ()
    assert gone.credit == ""
    assert gone.reason
    assert gone.updated_at == after(80)


@pytest.mark.parametrize(
    ("seconds", "failure"),
    [(59.5, None), (60, 0), (79.5, 0), (80, None), (180, 1), (200, None), (240 + 1800, 2)],
)
def test_a_failure_is_due_once_a_round(seconds: float, failure: int | None) -> None:
    assert story().source_at("rss", after(seconds)).failure == failure
    assert story().source_at("atom", after(seconds)).failure is None


def test_each_round_corrects_one_more_article_and_withdraws_one_more() -> None:
    changes: tuple[tuple[SourceName, str], ...] = (("rss", "corrected"), ("atom", "withdrawn"))
    for done in range(1, 15):
        end = after(timetable.start_of(done))
        for source, status in changes:
            reports = [story().report(source, number, end) for number in range(60)]
            assert sum(report is not None and report.status == status for report in reports) == done


def test_a_text_that_comes_round_again_has_another_title() -> None:
    day = after(24 * 3600)
    titles = [
        report.title.removeprefix("【更正】")
        for number in range(200)
        if (report := story().report("rss", number, day)) is not None
    ]
    assert len(titles) > 2 * len(load_outlets()["rss"].texts)
    assert len(set(titles)) == len(titles)


def test_days_in_a_text_are_counted_from_its_publication() -> None:
    # 2026-03-09 09:02 in Beijing; the article came out 50 minutes earlier.
    newest = shown("rss", 0)[0]
    assert any("3月2日起" in paragraph for paragraph in newest.paragraphs)
    assert newest.credit == "（云岭警务网云岭3月9日电）（岑默）"
    printed = "".join("".join((r.title, *r.paragraphs, r.credit)) for r in shown("list", 0))
    assert "{" not in printed


@given(started_at=starts, first=moments, second=moments)
@settings(max_examples=60, deadline=None)
def test_the_story_only_goes_forward(started_at: datetime, first: int, second: int) -> None:
    told = story(started_at)
    earlier, later = (
        told.state_at(started_at + timedelta(seconds=each)) for each in sorted((first, second))
    )
    for name in SOURCES:
        old, new = earlier.sources[name], later.sources[name]
        assert old.changed_at <= new.changed_at <= later.at
        for report in old.reports:
            again = told.report(name, report.number, later.at)
            assert again is not None
            assert again.published_at == report.published_at
            assert report.status in {"live", again.status}
            assert report.updated_at <= again.updated_at


@given(started_at=starts, seconds=moments)
@settings(max_examples=60, deadline=None)
def test_a_source_lists_its_newest_articles_in_order(started_at: datetime, seconds: int) -> None:
    now = started_at + timedelta(seconds=seconds)
    for state in story(started_at).state_at(now).sources.values():
        times = [report.published_at for report in state.reports]
        assert times == sorted(times, reverse=True)
        assert len(set(times)) == len(times)
        assert times[0] <= now
        assert len(times) <= WINDOW
        assert all(named_by(path_of(each)) == (each.source, each.number) for each in state.reports)


@given(index=st.integers(0, 10_000))
def test_an_article_is_counted_from_the_second_it_comes_out(index: int) -> None:
    at = timetable.released_at(index)
    assert timetable.released(at) == index + 1
    assert timetable.released(at - 0.001) == index


@given(number=st.integers(0, 5_000), into=st.floats(0, 0.999))
def test_a_round_lasts_until_the_next_starts(number: int, into: float) -> None:
    start, end = timetable.start_of(number), timetable.start_of(number + 1)
    assert end - start == timetable.STEPS * timetable.step_of(number)
    assert timetable.round_at(start + into * (end - start)) == number


@pytest.mark.parametrize(
    "path", ["/", "/news/yl1001.htm", "/news/xx1001.html", "/n3559/index.html"]
)
def test_other_paths_name_no_article(path: str) -> None:
    assert named_by(path) is None
