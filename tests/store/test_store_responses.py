from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.domain.response import KeptResponse
from feedsvc.store import claims, removing, responses, sources
from feedsvc.store.engine import Database
from feedsvc.store.polls import commit_poll
from tests.store.samples import DAY, HOUR, NOW, add_catalogue, outcome

PAGE = KeptResponse(
    asked_url="https://paper.example/1.html",
    url="https://paper.example/moved/1.html",
    kind="page",
    fetched_at=NOW,
    body_hash="aa01",
    size=900,
    stored_size=100,
    content_type="text/html; charset=gb2312",
    content_location="/1.html",
)


@pytest.fixture
def filled(db: Database) -> Database:
    with db.write() as session:
        add_catalogue(session, ["paper", "radio"])
    return db


def note(db: Database, *kept: KeptResponse, slug: str = "paper") -> None:
    with db.write() as session:
        responses.note_all(session, sources.get(session, slug).id, kept)


def stored(db: Database, slug: str = "paper") -> list[KeptResponse]:
    with db.read() as session:
        return responses.of_source(session, sources.get(session, slug).id)


def pruned(db: Database, most: int) -> list[str]:
    with db.write() as session:
        return responses.prune_above(session, most)


def test_a_poll_keeps_its_answers_in_its_own_transaction(filled: Database) -> None:
    with filled.write() as session:
        claim = claims.claim_one(session, "paper", NOW, seconds=60)
        assert claim is not None
        commit_poll(session, replace(outcome(claim), kept=(PAGE,)), NOW, 0)
    assert stored(filled) == [PAGE]
    assert stored(filled, "radio") == []


def test_the_same_body_from_the_same_url_only_gets_the_newer_time(filled: Database) -> None:
    other = replace(PAGE, body_hash="bb02", fetched_at=NOW + HOUR)
    again = replace(PAGE, fetched_at=NOW + DAY)
    note(filled, PAGE, PAGE)
    note(filled, other)
    note(filled, again)
    assert stored(filled) == [again, other]


def test_two_sources_may_read_one_address(filled: Database) -> None:
    note(filled, PAGE)
    note(filled, PAGE, slug="radio")
    assert stored(filled) == stored(filled, "radio") == [PAGE]


def test_what_is_too_old_goes(filled: Database) -> None:
    new = replace(PAGE, body_hash="bb02", fetched_at=NOW + DAY)
    note(filled, PAGE, new)
    with filled.write() as session:
        assert responses.prune_older(session, NOW + HOUR) == ["aa01"]
        assert responses.prune_older(session, NOW + HOUR) == []
    assert stored(filled) == [new]


def test_what_is_too_much_goes_the_oldest_first(filled: Database) -> None:
    pages = [replace(PAGE, body_hash=f"{day:04x}", fetched_at=NOW + day * DAY) for day in range(10)]
    note(filled, *pages[::-1])
    assert pruned(filled, 1000) == []
    assert pruned(filled, 999) == ["0000"]
    assert pruned(filled, 350) == [f"{day:04x}" for day in range(1, 7)]
    assert stored(filled) == pages[:6:-1]
    assert len(pruned(filled, 0)) == 3


def test_bodies_that_somebody_still_has_are_known(filled: Database) -> None:
    note(filled, PAGE)
    with filled.read() as session:
        assert responses.unknown_bodies(session, ["aa01", "cc03"]) == {"cc03"}
        assert responses.unknown_bodies(session, []) == set()


def test_a_removed_source_takes_its_answers_along(filled: Database) -> None:
    note(filled, PAGE)
    note(filled, PAGE, slug="radio")
    with filled.write() as session:
        removing.remove_source(session, "paper", NOW)
    assert stored(filled, "radio") == [PAGE]
    assert pruned(filled, 0) == ["aa01"]
