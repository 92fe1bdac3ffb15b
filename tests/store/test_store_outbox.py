from __future__ import annotations

from datetime import datetime

import pytest

from feedsvc.store import outbox
from feedsvc.store.engine import Database
from feedsvc.store.outbox import Errand
from tests.store.samples import HOUR, MINUTE, NOW

TOPIC = "publish"


def put(db: Database, subject: str, cursor: int, due_at: datetime) -> None:
    with db.write() as session:
        outbox.put(session, TOPIC, subject, cursor, due_at)


def claim(db: Database, now: datetime = NOW, limit: int = 9) -> list[Errand]:
    with db.write() as session:
        return outbox.claim(session, TOPIC, now, limit=limit, seconds=60)


def settle(db: Database, errand: Errand) -> None:
    with db.write() as session:
        outbox.settle(session, errand)


def pending(db: Database, topic: str = TOPIC) -> int:
    with db.read() as session:
        return outbox.pending(session, topic)


def test_an_errand_waits_until_it_is_due_is_told_and_is_gone(db: Database) -> None:
    put(db, "zhen", 7, NOW)
    assert claim(db, NOW - MINUTE / 60) == []
    (errand,) = claim(db)
    assert (errand.topic, errand.subject, errand.cursor) == (TOPIC, "zhen", 7)
    assert pending(db) == 1
    settle(db, errand)
    assert pending(db) == 0
    assert claim(db, NOW + HOUR) == []


def test_several_words_on_one_subject_become_one_the_newest(db: Database) -> None:
    for cursor, due_at in ((5, NOW), (9, NOW + HOUR), (7, NOW + HOUR)):
        put(db, "zhen", cursor, due_at)
    (errand,) = claim(db)
    assert errand.cursor == 9


def test_an_earlier_wish_makes_it_due_earlier(db: Database) -> None:
    put(db, "zhen", 5, NOW + HOUR)
    put(db, "zhen", 5, NOW)
    assert len(claim(db)) == 1


def test_each_errand_goes_to_one_worker_until_the_lease_runs_out(db: Database) -> None:
    put(db, "zhen", 5, NOW)
    (first,) = claim(db)
    assert claim(db, NOW + MINUTE - MINUTE / 60) == []
    (second,) = claim(db, NOW + MINUTE)
    assert second.lease > first.lease
    settle(db, first)
    assert pending(db) == 1, "the late worker must not strike off what another is doing"
    settle(db, second)
    assert pending(db) == 0


def test_a_newer_word_survives_the_settling_of_an_older_one(db: Database) -> None:
    put(db, "zhen", 5, NOW)
    (errand,) = claim(db)
    put(db, "zhen", 6, NOW + MINUTE / 30)
    assert claim(db, NOW + MINUTE / 20) == [], "the first worker is still at it"
    settle(db, errand)
    assert claim(db, NOW + MINUTE / 60) == [], "it waits for its own debounce"
    (again,) = claim(db, NOW + MINUTE / 30)
    assert again.cursor == 6
    settle(db, again)
    assert pending(db) == 0


def test_an_older_word_does_not_survive(db: Database) -> None:
    put(db, "zhen", 5, NOW)
    (errand,) = claim(db)
    put(db, "zhen", 4, NOW)
    settle(db, errand)
    assert pending(db) == 0


def test_words_that_keep_coming_do_not_put_off_what_a_killed_worker_left(db: Database) -> None:
    put(db, "zhen", 1, NOW)
    claim(db)
    for cursor in range(2, 9):
        put(db, "zhen", cursor, NOW + cursor * MINUTE)
    assert [each.cursor for each in claim(db, NOW + 2 * MINUTE)] == [8]


def test_longest_due_first_and_no_more_than_asked(db: Database) -> None:
    for number, subject in enumerate(("c", "a", "b")):
        put(db, subject, 1, NOW - number * MINUTE)
    assert {each.subject for each in claim(db, limit=2)} == {"a", "b"}
    assert [each.subject for each in claim(db, limit=2)] == ["c"]


def test_topics_do_not_meet(db: Database) -> None:
    with db.write() as session:
        outbox.put(session, "push", "zhen", 1, NOW)
    assert claim(db) == []
    assert (pending(db), pending(db, "push")) == (0, 1)


@pytest.mark.parametrize("cursors", [{}, {"a": 1, "b": 2}])
def test_many_are_put_at_once(db: Database, cursors: dict[str, int]) -> None:
    with db.write() as session:
        outbox.put_all(session, TOPIC, cursors, NOW)
    assert {each.subject: each.cursor for each in claim(db)} == cursors
