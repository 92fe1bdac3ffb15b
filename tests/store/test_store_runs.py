from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.domain.article import Keys
from feedsvc.domain.decision import New
from feedsvc.domain.item import Repair
from feedsvc.domain.parsed import Rejection
from feedsvc.domain.run import RunError
from feedsvc.store import claims, runs, sources
from feedsvc.store.engine import Database
from feedsvc.store.polls import commit_poll
from tests.store.samples import (
    HOUR,
    MINUTE,
    NOW,
    add_catalogue,
    draft,
    outcome,
    poll,
    source,
)

A = Keys(guid="a")
URL = "https://paper.example/a.html"


@pytest.fixture
def filled(db: Database) -> Database:
    """A database with the sources `paper` and `radio` in the category `zhen`."""
    with db.write() as session:
        add_catalogue(session, ["paper", "radio"])
    return db


def test_a_run_is_recorded_with_what_was_stored(filled: Database) -> None:
    with filled.write() as session:
        claim = claims.claim_one(session, "paper", NOW, seconds=60)
        assert claim is not None
        made = outcome(claim, [New(draft=draft("a")), New(draft=draft("b"), status="held")])
        run = replace(
            made.run,
            http_status=200,
            wire_bytes=4321,
            finished_at=NOW + MINUTE,
            repairs=(Repair(kind="charset", detail="gbk"),),
            rejections=(Rejection(subject="c", kind="empty_item", message="nothing"),),
        )
        commit_poll(session, replace(made, run=run), NOW, 0)
        (stored,) = runs.latest(session, "paper")
    assert stored == replace(run, new=2)


def test_a_failed_run_is_data(filled: Database) -> None:
    with filled.write() as session:
        claim = claims.claim_one(session, "paper", NOW, seconds=60)
        assert claim is not None
        made = outcome(claim)
        error = RunError(kind="timeout", message="too slow", permanent=True)
        run = replace(made.run, status="failed", error=error)
        commit_poll(session, replace(made, run=run, failures=2), NOW, 0)
        assert runs.latest(session, "paper") == [run]
        assert sources.state(session, "paper").failures == 2


def test_runs_are_listed_newest_first_and_the_last_of_each_source(filled: Database) -> None:
    for minute in range(3):
        poll(filled, "paper", [], now=NOW + minute * MINUTE)
    with filled.write() as session:
        sources.add(session, source("never"), NOW)
    poll(filled, "radio", [], now=NOW)
    with filled.read() as session:
        assert [each.started_at for each in runs.latest(session, "paper", 2)] == [
            NOW + 2 * MINUTE,
            NOW + MINUTE,
        ]
        assert runs.latest(session, "never") == []
        last = runs.latest_each(session)
        assert {slug: run.started_at for slug, run in last.items()} == {
            "paper": NOW + 2 * MINUTE,
            "radio": NOW,
        }


def test_old_runs_go_but_the_last_one_of_each_source_stays(filled: Database) -> None:
    for slug in ("radio", "paper", "paper", "paper"):
        poll(filled, slug, [], now=NOW)
    poll(filled, "paper", [], now=NOW + HOUR)
    reached: int | None = 0
    rounds = 0
    while reached is not None:
        with filled.write() as session:
            reached = runs.prune(session, NOW + MINUTE, after_id=reached, limit=2)
        rounds += 1
    with filled.read() as session:
        assert [run.finished_at for run in runs.latest(session, "paper")] == [NOW + HOUR]
        assert [run.finished_at for run in runs.latest(session, "radio")] == [NOW]
    assert rounds == 3
