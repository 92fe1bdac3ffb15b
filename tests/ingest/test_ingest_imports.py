"""Importing files: real files, real parsers, both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedsvc.domain.article import Article
from feedsvc.domain.feed import Category
from feedsvc.domain.parsed import Parsed, ParseJob
from feedsvc.domain.source import Source
from feedsvc.errors import BrokenDocument, NotAFeed, ParserKilled, StoreBusy, UsageError
from feedsvc.ingest.imports import ImportOptions, import_file
from feedsvc.parse.dispatch import parse
from feedsvc.parse.feeds import pieces
from feedsvc.store import articles, categories, claims, feeds, sources
from feedsvc.store.engine import Database
from tests.ingest.import_files import json_feed, post, rss_file, wxr
from tests.partner import Story, rss

NOW = datetime(2026, 8, 8, 4, 0, tzinfo=UTC)


class HereParsers:
    """The parsers without their process; `deadly` words kill them, as a hanging document would."""

    def __init__(self, deadly: str = "") -> None:
        self._deadly = deadly

    def parse(self, job: ParseJob) -> Parsed:
        if self._deadly and self._deadly in job.body.decode():
            raise ParserKilled(job.url, "the parser was stopped after 5 s")
        return parse(job)


OPTIONS = ImportOptions(parsers=HereParsers(), clock=lambda: NOW)


@pytest.fixture
def partner(db: Database) -> Iterator[Source]:
    with db.write() as session:
        feeds.ensure_builtin(session, NOW)
        categories.add(session, Category(slug="gongan", title="公安要闻"), NOW)
        sources.add(
            session,
            Source(slug="old", url="https://partner.example/rss.xml", category="gongan"),
            NOW,
        )
    with db.read() as session:
        yield sources.get(session, "old")


def stored(db: Database) -> list[Article]:
    with db.read() as session:
        return articles.find(session, limit=10_000)


def file_of(folder: Path, text: str, name: str = "articles.xml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "count"),
    [(rss_file(30), 30), (json_feed(range(30)), 30), (wxr(*map(post, range(30))), 30)],
    ids=["rss", "json", "wordpress"],
)
def test_a_file_is_stored_once_however_often_it_is_read(
    db: Database, partner: Source, tmp_path: Path, text: str, count: int
) -> None:
    path = file_of(tmp_path, text)
    first = import_file(db, path, partner, OPTIONS)
    again = import_file(db, path, partner, OPTIONS)
    assert (first.read, first.new, first.rejected, first.unchanged) == (count, count, 0, 0)
    assert (again.read, again.new, again.updated, again.unchanged) == (count, 0, 0, count)
    assert again.resumed_at == 0
    assert len(stored(db)) == len({article.content.title for article in stored(db)}) == count


def test_what_a_poll_brought_is_known_by_the_same_names(
    db: Database, partner: Source, tmp_path: Path
) -> None:
    import_file(db, file_of(tmp_path, rss([Story(1), Story(2)])), partner, OPTIONS)
    changed = [Story(1), Story(2, text="渡口改在东岸。" * 9), Story(3)]
    report = import_file(db, file_of(tmp_path, rss(changed), "later.xml"), partner, OPTIONS)
    assert (report.new, report.updated, report.unchanged) == (1, 1, 1)


def test_bad_records_are_named_and_the_others_go_in(
    db: Database, partner: Source, tmp_path: Path
) -> None:
    text = rss_file(9).replace("<title>云岭夜间窗口第4天</title>", "<title>云岭<b夜间</title>")
    text = text.replace("</channel>", "<item><title></title></item></channel>")
    report = import_file(db, file_of(tmp_path, text), partner, OPTIONS)
    assert (report.read, report.new, report.rejected) == (10, 8, 2)
    assert len(report.rejections) == 2


def test_a_record_that_kills_the_parser_is_found_and_named(
    db: Database, partner: Source, tmp_path: Path
) -> None:
    options = replace(OPTIONS, parsers=HereParsers("夜间窗口第7天"))
    report = import_file(db, file_of(tmp_path, rss_file(30)), partner, options)
    assert (report.read, report.new) == (30, 29)
    [rejection] = report.rejections
    assert rejection.kind == "parser_killed"
    assert "夜间窗口第7天" in rejection.subject


def ninjs(number: int, **changed: str) -> str:
    return json.dumps(
        {
            "uri": f"urn:newsml:wangchuan.example:{number}",
            "headline": f"望川渡口通航第{number}天",
            "versioncreated": "2026-08-08T10:00:00+08:00",
            "pubstatus": "usable",
            "body_xhtml": f"<p>望川渡口第{number}天通航，往来两岸不再绕行三十里山路，学生上学也近了。</p>",
            **changed,
        },
        ensure_ascii=False,
    )


def test_json_lines_of_an_agency_are_read_one_by_one(
    db: Database, partner: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MOST_RECORDS", 10)
    lines = [ninjs(number) for number in range(30)]
    lines[5], lines[25] = '{"uri": "urn:broken', "[1, 2]"
    path = file_of(tmp_path, "\n".join(lines), "wire.jsonl")
    report = import_file(db, path, partner, OPTIONS)
    assert (report.read, report.new, report.rejected) == (30, 28, 2)
    first, second = (each.subject for each in report.rejections)
    assert first == "line 6"
    start = sum(len(f"{line}\n".encode()) for line in lines[:20])
    assert second.endswith(f" from position {start}")

    later = "\n".join([ninjs(0, pubstatus="canceled", ednote="内容失实"), ninjs(1)])
    again = import_file(db, file_of(tmp_path, later, "later.jsonl"), partner, OPTIONS)
    assert (again.withdrawn, again.unchanged) == (1, 1)
    [withdrawn] = [article for article in stored(db) if article.status == "withdrawn"]
    assert withdrawn.reason == "内容失实"


def test_of_a_wordpress_export_only_articles_go_in(
    db: Database, partner: Source, tmp_path: Path
) -> None:
    text = wxr(post(1), post(2, status="draft"), post(3, kind="attachment", status="inherit"))
    report = import_file(db, file_of(tmp_path, text), partner, OPTIONS)
    assert (report.read, report.new, report.rejected) == (3, 1, 2)
    [article] = stored(db)
    assert article.published_at == datetime(2026, 8, 8, 1, 30, tzinfo=UTC)
    assert article.content.authors == ("林晚晴",)


@pytest.mark.parametrize("text", [rss_file(40), json_feed(range(40)), wxr(*map(post, range(40)))])
def test_an_import_goes_on_where_it_stopped(
    db: Database, partner: Source, tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MOST_RECORDS", 7)
    path = file_of(tmp_path, text)
    reached: list[int] = []

    def stop_at_the_third(position: int) -> None:
        reached.append(position)
        if len(reached) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(db, path, partner, replace(OPTIONS, reached=stop_at_the_third))
    assert len(stored(db)) == 21
    report = import_file(db, path, partner, OPTIONS)
    assert (report.resumed_at, report.read, report.new) == (reached[-1], 19, 19)
    assert len(stored(db)) == 40


def test_another_file_of_the_same_name_begins_anew(
    db: Database, partner: Source, tmp_path: Path
) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    path = file_of(tmp_path, rss_file(3))
    with pytest.raises(KeyboardInterrupt):
        import_file(db, path, partner, replace(OPTIONS, reached=stop))
    report = import_file(db, file_of(tmp_path, rss_file(5)), partner, OPTIONS)
    assert (report.resumed_at, report.new, report.unchanged) == (0, 2, 3)


def test_a_poll_under_way_is_awaited_and_a_silent_one_is_outdated(
    db: Database, partner: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.write() as session:
        claims.claim_one(session, partner.slug, NOW, seconds=60)
    monkeypatch.setattr("feedsvc.ingest.patience.LONGEST_WAIT", 0.1)
    path = file_of(tmp_path, rss_file(3))
    with pytest.raises(StoreBusy, match="polled"):
        import_file(db, path, partner, OPTIONS)
    late = replace(OPTIONS, clock=lambda: NOW.replace(hour=5))
    assert import_file(db, path, partner, late).new == 3


def test_review_holds_what_is_imported(db: Database, partner: Source, tmp_path: Path) -> None:
    careful = replace(partner, policy="review")
    import_file(db, file_of(tmp_path, rss_file(2)), careful, OPTIONS)
    assert {article.status for article in stored(db)} == {"held"}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("just words", NotAFeed),
        ("<html><body><p>一页</p></body></html>", NotAFeed),
        ('{"items": [', BrokenDocument),
    ],
)
def test_a_file_without_records_is_refused(
    db: Database, partner: Source, tmp_path: Path, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        import_file(db, file_of(tmp_path, text), partner, OPTIONS)


def test_a_file_that_is_not_there_is_refused(db: Database, partner: Source, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        import_file(db, tmp_path / "none.xml", partner, OPTIONS)
