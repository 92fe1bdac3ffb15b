"""What polls keep of partners' answers: real services, a real partner, files on a real disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.ingest.archive import Archive, ArchiveOptions
from feedsvc.store.raw_files import RawFiles
from tests.ingest.stage import RULES, Stage, publish_list, staged
from tests.partner import Story, rss


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path / "home") as stage:
        yield stage


def test_a_feed_is_kept_when_it_changed_and_only_then(stage: Stage) -> None:
    stage.add("rss", "/rss.xml")
    for stories in ([1, 2], [1, 2], [1, 2, 3]):
        stage.partner.publish("/rss.xml", rss([Story(number) for number in stories]))
        assert stage.services.poller.poll_now("rss").status in {"ok", "unchanged"}
    newest, oldest = stage.kept("rss")
    assert stage.services.archive.body(newest) == rss([Story(n) for n in (1, 2, 3)]).encode()
    assert stage.services.archive.body(oldest) == rss([Story(n) for n in (1, 2)]).encode()
    assert newest.kind == "feed"
    assert newest.http_status == 200
    assert newest.content_type == "application/xml"
    assert newest.asked_url == stage.partner.url + "/rss.xml"
    assert newest.size == len(rss([Story(n) for n in (1, 2, 3)]).encode())
    assert len(stage.files()) == 2


def test_list_and_article_pages_are_kept_as_they_came(stage: Stage) -> None:
    listed = publish_list(stage.partner, 1, 2)
    stage.add("list", "/list.html", kind="list", rules=RULES)
    assert stage.services.poller.poll_now("list").new == 2
    by_kind = {each.kind: each for each in stage.kept("list")}
    assert len(stage.kept("list")) == 3
    assert stage.services.archive.body(by_kind["list"]) == listed
    page = stage.services.archive.body(by_kind["page"])
    assert page is not None
    assert "夜间窗口" in page.decode("gbk")
    assert by_kind["page"].content_type == "text/html; charset=gb2312"


def test_a_document_that_cannot_be_read_is_kept_once(stage: Stage) -> None:
    publish_list(stage.partner, 1)
    stage.add("list", "/list.html", kind="list", rules={"list": {"items": "ol.gone > li"}})
    for _ in range(2):
        run = stage.services.poller.poll_now("list")
        assert run.error is not None
        assert run.error.kind == "rules_mismatch"
    assert [each.kind for each in stage.kept("list")] == ["list"]


def test_a_disk_that_takes_nothing_costs_no_article(stage: Stage) -> None:
    home = stage.services.settings.home
    (home / "raw").write_bytes(b"a file where the folder should be")
    stage.partner.publish("/rss.xml", rss([Story(1)]))
    stage.add("rss", "/rss.xml")
    run = stage.services.poller.poll_now("rss")
    assert (run.status, run.new) == ("ok", 1)
    [kept] = stage.kept("rss")
    assert stage.services.archive.body(kept) is None
    later = stage.services.clock() + timedelta(days=31)
    assert stage.services.archive.prune(stage.services.db, later) is False
    assert stage.kept("rss") == []


def test_nothing_is_kept_where_the_operator_wants_none(tmp_path: Path) -> None:
    with staged(tmp_path / "home", raw_max_gb="0") as stage:
        stage.partner.publish("/rss.xml", rss([Story(1)]))
        stage.add("rss", "/rss.xml")
        assert stage.services.poller.poll_now("rss").new == 1
        assert stage.kept("rss") == []
        assert stage.files() == []


def test_rows_and_files_go_together_when_their_days_are_over(stage: Stage) -> None:
    services = stage.services
    stage.partner.publish("/rss.xml", rss([Story(1)]))
    stage.add("rss", "/rss.xml")
    services.poller.poll_now("rss")
    assert services.archive.prune(services.db, services.clock() + timedelta(days=29)) is False
    assert len(stage.files()) == 1
    assert services.archive.prune(services.db, services.clock() + timedelta(days=31)) is False
    assert stage.kept("rss") == []
    assert stage.files() == []


def test_the_budget_holds_in_bytes_and_a_shared_body_stays_for_the_other(stage: Stage) -> None:
    services = stage.services
    for number, slug in enumerate(("a", "b", "c"), start=1):
        stage.partner.publish(f"/{slug}.xml", rss([Story(1)]))
        stage.add(slug, f"/{slug}.xml")
        services.poller.poll_now(slug)
        assert len(stage.files()) == 1, number
    [kept] = stage.kept("a")
    tight = ArchiveOptions(raw_max_gb=2.5 * kept.stored_size / 1024**3)
    archive = Archive(RawFiles(services.settings.home / "raw"), tight)
    assert archive.prune(services.db, services.clock()) is False
    assert stage.kept("a") == []
    assert [services.archive.body(stage.kept(slug)[0]) is not None for slug in "bc"] == [True, True]


def test_files_that_no_row_speaks_of_are_swept_and_the_others_stay(stage: Stage) -> None:
    services = stage.services
    stage.partner.publish("/rss.xml", rss([Story(1)]))
    stage.add("rss", "/rss.xml")
    services.poller.poll_now("rss")
    files = RawFiles(services.settings.home / "raw")
    orphans = [files.keep(os.urandom(9))[0] for _ in range(20)]
    (stage.files()[0].parent / "torn.77-88").write_bytes(b"half")
    start = services.clock() + timedelta(hours=2)
    for step in range(256):
        services.archive.sweep(services.db, start + timedelta(minutes=10 * step))
    assert [files.read(name) for name in orphans] == [None] * 20
    [kept] = stage.kept("rss")
    assert [path.stem for path in stage.files()] == [kept.body_hash]


def test_a_scheduler_prunes_by_itself(stage: Stage) -> None:
    ours = {"prune_raw", "prune_runs", "sweep_raw"}
    chores = [chore for chore in stage.services.chores if chore.name in ours]
    assert {chore.name for chore in chores} == ours
    assert [chore.work(stage.services.clock()) for chore in chores] == [False] * 3
