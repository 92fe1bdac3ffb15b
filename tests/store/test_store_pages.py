"""Watched pages: which are due at one poll, in which order, and what is remembered of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from feedsvc.domain.page import Page, PagesSeen
from feedsvc.domain.source import Validators
from feedsvc.store import pages, sources
from feedsvc.store.engine import Database
from tests.store.samples import DAY, HOUR, MINUTE, NOW, add_catalogue

VALIDATORS = Validators(etag='"1"', last_modified="Mon", body_hash="b")


def link(number: int) -> str:
    return f"https://paper.example/n/{number}.html"


def page(number: int, **values: object) -> Page:
    """Page 9 is newer than page 8."""
    made = {"validators": VALIDATORS, "published_at": NOW - DAY + number * MINUTE, **values}
    return Page(link=link(number), **made)  # type: ignore[arg-type]


@pytest.fixture
def source_id(db: Database) -> int:
    with db.write() as session:
        add_catalogue(session)
        return sources.get(session, "paper").id


def keep(
    db: Database,
    source_id: int,
    looked_at: Sequence[Page] = (),
    listed: Sequence[int] | None = None,
    now: datetime = NOW,
) -> None:
    named = None if listed is None else {link(each): page(each).published_at for each in listed}
    with db.write() as session:
        pages.keep(session, source_id, PagesSeen(looked_at=tuple(looked_at), listed=named), now)


def due(
    db: Database,
    source_id: int,
    listed: Sequence[int] | None = None,
    skipped: Sequence[int] = (),
    now: datetime = NOW + MINUTE,
) -> list[int]:
    with db.read() as session:
        found = pages.due(
            session,
            source_id,
            listed=None if listed is None else [link(each) for each in listed],
            skipped=[link(each) for each in skipped],
            now=now,
        )
    return [int(each.link.removesuffix(".html").rpartition("/")[2]) for each in found]


def test_what_a_page_answered_comes_back(db: Database, source_id: int) -> None:
    keep(db, source_id, [page(1)])
    with db.read() as session:
        assert pages.due(session, source_id, listed=None, skipped=(), now=NOW) == [page(1)]
    changed = page(1, validators=Validators(etag='"2"'), published_at=None)
    keep(db, source_id, [changed])
    with db.read() as session:
        [found] = pages.due(session, source_id, listed=None, skipped=(), now=NOW)
    assert found.validators == Validators(etag='"2"')
    assert found.published_at == page(1).published_at


def test_the_newest_twenty_are_due_at_every_poll(db: Database, source_id: int) -> None:
    keep(db, source_id, [page(number) for number in range(40)], range(40))
    assert due(db, source_id) == list(range(39, 19, -1))
    keep(db, source_id, [page(number) for number in range(20, 40)], now=NOW + MINUTE)
    assert due(db, source_id, now=NOW + 2 * MINUTE) == list(range(39, 19, -1))


def test_what_this_poll_fetched_is_not_asked_for_again(db: Database, source_id: int) -> None:
    keep(db, source_id, [page(number) for number in range(30)], range(30))
    assert due(db, source_id, range(30), skipped=range(25, 30)) == list(range(24, 4, -1))


def test_pages_that_left_the_list_come_first_and_once(db: Database, source_id: int) -> None:
    keep(db, source_id, [page(number) for number in range(50)], range(50))
    listed = [number for number in range(50) if number not in {3, 5}]
    first = due(db, source_id, listed)
    assert first[:2] == [5, 3]
    assert len(first) == 22
    keep(db, source_id, [page(5)], listed, now=NOW + MINUTE)
    # The fetch of page 3 failed, so it is still due although the list says nothing new.
    assert due(db, source_id)[:1] == [3]
    keep(db, source_id, [page(3)], now=NOW + 2 * MINUTE)
    assert due(db, source_id, listed)[0] == 49
    keep(db, source_id, [], range(50), now=NOW + 3 * MINUTE)
    assert due(db, source_id, listed)[:2] == [5, 3], "it came back and left again"


def test_however_many_leave_at_once_the_poll_stays_short(db: Database, source_id: int) -> None:
    keep(db, source_id, [page(number) for number in range(100)], range(100))
    found = due(db, source_id, range(90, 100))
    assert len(found) <= pages.MOST_LEFT + pages.NEWEST + pages.OTHERS
    assert found[: pages.MOST_LEFT] == list(range(89, 89 - pages.MOST_LEFT, -1))


def test_the_others_take_turns(db: Database, source_id: int) -> None:
    for number in range(40):
        keep(db, source_id, [page(number)], now=NOW + number * MINUTE)
    now = NOW + 2 * HOUR
    assert due(db, source_id, now=now)[pages.NEWEST :] == [0, 1, 2, 3, 4]
    keep(db, source_id, [page(number) for number in range(5)], now=now)
    assert due(db, source_id, now=now)[pages.NEWEST :] == [5, 6, 7, 8, 9]
    assert due(db, source_id, now=now + 40 * DAY)[pages.NEWEST :] == [], "old ones are left alone"


def test_a_gone_page_is_asked_for_once_a_day(db: Database, source_id: int) -> None:
    keep(db, source_id, [page(1, gone=True, validators=Validators()), page(2)], [1, 2])
    assert due(db, source_id, [2]) == [2]
    assert due(db, source_id, now=NOW + 25 * HOUR) == [2, 1]
    keep(db, source_id, [page(1)], now=NOW + 25 * HOUR)
    assert due(db, source_id, now=NOW + 25 * HOUR) == [2, 1]


def test_a_known_link_is_watched_before_it_was_ever_asked_for(db: Database, source_id: int) -> None:
    keep(db, source_id, [], [1])
    with db.read() as session:
        [found] = pages.due(session, source_id, listed=None, skipped=(), now=NOW)
    assert found == page(1, validators=Validators())
    keep(db, source_id, [page(1)], [1])
    keep(db, source_id, [], [1])
    with db.read() as session:
        assert pages.due(session, source_id, listed=None, skipped=(), now=NOW) == [page(1)]
