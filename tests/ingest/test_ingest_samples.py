"""Saved documents: what was understood once is asked for again, and each difference has its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feedsvc.domain.item import Dateline, Item, Repair
from feedsvc.domain.parsed import ListedLink, ParsedFeed, ParsedList, ParsedPage, ParseJob
from feedsvc.domain.saved import SavedSource
from feedsvc.domain.source import Source
from feedsvc.errors import ConfigError, NotFound
from feedsvc.ingest.archive import newest_jobs
from feedsvc.ingest.samples import SampleDifference, check, sampled, shape_of, understood
from feedsvc.store import sample_files
from tests.ingest.stage import RULES, Stage, page_of, publish_list, staged
from tests.ingest.test_ingest_imports import HereParsers
from tests.partner import Story, rss

AT = datetime(2026, 8, 8, 4, 0, tzinfo=UTC)
HOME = "https://partner.example"
SOURCE = Source(
    slug="partner", url=f"{HOME}/list.html", category="", kind="list", charset="gb18030",
    rules={**RULES, "page": {"title": "h1", "body": ".content"}},
)  # fmt: skip
LISTED = "<ul class='news'><li><a href='/n/1.html'>第一篇“稿件”</a></li><li><a href='/n/2.html'>第二篇</a></li></ul>"
PARSERS = HereParsers()


def job(kind: str, text: str, **values: Any) -> ParseJob:
    return ParseJob(
        kind=kind,  # type: ignore[arg-type]
        body=text.encode("gb18030"),
        url=values.pop("url", f"{HOME}/n/1.html"),
        seen_at=AT,
        charset=SOURCE.charset,
        rules=SOURCE.rules,
        **values,
    )


JOBS = [
    job("list", LISTED, url=SOURCE.url, content_type="text/html; charset=gb2312"),
    job("page", page_of(1), content_location="/n/1.html"),
    job("page", page_of(2), url=f"{HOME}/n/2.html"),
    job("feed", rss([Story(1), Story(2)]), url=f"{HOME}/rss.xml"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "samples" / "partner"
    sample_files.write(path, sampled(SOURCE, JOBS, PARSERS))
    return path


def checked(saved: SavedSource, **changed: Any) -> list[SampleDifference]:
    return check(saved, replace(saved.source, **changed), PARSERS)


def test_what_is_written_is_read_back_whole(folder: Path) -> None:
    saved = sample_files.read(folder)
    assert replace(saved.source, rules=dict(saved.source.rules)) == SOURCE
    assert [each.job for each in saved.documents] == JOBS
    assert [each.name for each in saved.documents] == [
        "list.html", "page-1.html", "page-2.html", "feed.xml",
    ]  # fmt: skip
    assert saved.documents[1].expected["title"] == "云岭夜间窗口第1天开放"
    assert len(saved.documents[3].expected["items"]) == 2


def test_the_same_program_and_rules_understand_the_same(folder: Path) -> None:
    assert checked(sample_files.read(folder)) == []


def test_other_rules_are_told_by_document_and_field(folder: Path) -> None:
    saved = sample_files.read(folder)
    rules = {**SOURCE.rules, "page": {"title": "h2", "body": ".content"}}
    found = checked(saved, rules=rules)
    assert {each.where for each in found} == {"title"}
    assert [each.document for each in found] == ["page-1.html", "page-2.html"]
    assert "窗口亮到九点" in found[0].after


def test_rows_that_go_and_rules_that_fail_are_differences(folder: Path) -> None:
    saved = sample_files.read(folder)
    fewer = {**SOURCE.rules, "list": {"items": "ul.news > li:first-child", "link": "a"}}
    gone = [each for each in checked(saved, rules=fewer) if each.after is None]
    assert [each.where for each in gone] == [f"links[{HOME}/n/2.html]"]
    none = checked(saved, rules={**SOURCE.rules, "list": {"items": "ol > li"}})
    assert ("error", "rules_mismatch") in {(each.where, each.after) for each in none}


def test_a_corrected_expectation_is_what_counts(folder: Path) -> None:
    path = folder / "page-1.html.expected.json"
    path.write_text(path.read_text(encoding="utf-8").replace("第1天", "第一天"), encoding="utf-8")
    found = checked(sample_files.read(folder))
    assert [(each.document, each.where) for each in found] == [("page-1.html", "title")]


def test_saving_again_leaves_nothing_of_the_old(folder: Path) -> None:
    sample_files.write(folder, sampled(SOURCE, JOBS[:1], PARSERS))
    assert sorted(path.name for path in folder.iterdir()) == [
        "list.html", "list.html.expected.json", "source.toml",
    ]  # fmt: skip
    assert [path.name for path in folder.parent.iterdir()] == ["partner"]


def test_folders_that_cannot_be_used_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"source\.toml"):
        sample_files.read(tmp_path / "none")
    (folder / "list.html").unlink()
    with pytest.raises(NotFound, match=r"list\.html"):
        sample_files.read(folder)
    (folder / "source.toml").write_text("slug = ", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"source\.toml"):
        sample_files.read(folder)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError):
        sample_files.write(tmp_path / "file" / "partner", SavedSource(source=SOURCE, documents=()))


def test_a_shape_says_what_the_document_says_and_no_more() -> None:
    item = Item(
        title="渡口通航",
        published_at=AT,
        published_precision="minute",
        dateline=Dateline(place="望川"),
        repairs=(Repair(kind="title_cut"),),
        extractor="page:trs",
    )
    assert shape_of(ParsedPage(charset="utf-8", item=item)) == {
        "title": "渡口通航",
        "published_at": "2026-08-08T04:00:00+00:00",
        "published_precision": "minute",
        "dateline": {"place": "望川"},
    }
    assert shape_of(ParsedFeed(format="rss-2.0", charset="utf-8"))["items"] == []
    rows = ParsedList(charset="utf-8", links=(ListedLink(link="https://a.example/"),))
    assert shape_of(rows)["links"] == [
        {"link": "https://a.example/", "published_precision": "none"}
    ]
    assert understood(job("list", "<p>nothing</p>"), PARSERS) == {"error": "rules_mismatch"}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path / "home") as stage:
        yield stage


def test_samples_are_the_newest_of_what_polls_fetched(stage: Stage) -> None:
    publish_list(stage.partner, *range(1, 9))
    stage.add("list", "/list.html", kind="list", rules=RULES)
    stage.services.poller.poll_now("list")
    listed = publish_list(stage.partner, *range(2, 10))
    stage.services.poller.poll_now("list")
    jobs = newest_jobs(stage.source("list"), stage.kept("list"), stage.services.archive)
    assert [each.kind for each in jobs] == ["list", *["page"] * 5]
    assert jobs[0].body == listed
    assert any(each.url.endswith("/n/9.html") for each in jobs)
    saved = sampled(stage.source("list"), jobs, stage.services.parsers)
    assert check(saved, stage.source("list"), stage.services.parsers) == []
