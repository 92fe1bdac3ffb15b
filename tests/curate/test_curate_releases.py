"""Articles that are held until a minute, by a fake clock on both databases."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from feedsvc.curate.desk import Desk
from feedsvc.domain.article import Article, Draft, Keys
from feedsvc.domain.decision import Updated
from feedsvc.domain.item import Item, Repair
from feedsvc.domain.parsed import ParsedFeed, ParseJob
from feedsvc.domain.release import published_on_release
from feedsvc.domain.source import Policy
from feedsvc.errors import Conflict, UsageError
from feedsvc.ingest.decide import decide
from feedsvc.ingest.normalise import normalise
from feedsvc.parse.dispatch import parse
from feedsvc.store import articles, catching_up, feeds, releases, sources
from feedsvc.store.engine import Database
from tests.store.samples import (
    HOUR,
    MINUTE,
    NOW,
    add_catalogue,
    draft,
    known_by,
    poll,
    source,
)

SECOND = timedelta(seconds=1)
MOMENT = NOW + HOUR


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def desk(db: Database, clock: Clock) -> Desk:
    return Desk(db, lambda _slugs: None, clock)


def take(db: Database, *drafts: Draft, policy: Policy = "publish", slug: str = "paper") -> None:
    poll(db, slug, [decide(each, None, policy=policy) for each in drafts])


def embargoed(name: str = "a", source_hash: str = "first") -> Draft:
    return draft(name, embargoed_until=MOMENT, source_hash=source_hash)


def only(db: Database) -> Article:
    with db.read() as session:
        [found] = articles.find(session)
    return found


def is_out(db: Database) -> bool:
    """Whether any output shows anything: window, changes, latest."""
    with db.read() as session:
        shown = [feeds.snapshot(session, slug, feeds.Window()).articles for slug in ("all", "zhen")]
        since = catching_up.changed_since(session, "all", 0, 9).snapshot.articles
        latest = articles.latest(session, limit=9)
    seen = {bool(each) for each in (*shown, since, latest)}
    assert len(seen) == 1, "all outputs agree"
    return seen.pop()


def test_an_embargo_holds_to_the_minute_and_no_longer(db: Database, clock: Clock) -> None:
    with db.write() as session:
        add_catalogue(session)
    take(db, embargoed())
    assert only(db).status == "held"
    clock.now = MOMENT - SECOND
    assert desk(db, clock).release_due() == 0
    assert not is_out(db)
    clock.now = MOMENT
    assert desk(db, clock).release_due() == 1
    assert is_out(db)
    released = only(db)
    assert (released.status, released.published_at) == ("live", NOW), "the partner's own time"
    assert desk(db, clock).release_due() == 0
    assert only(db).revision == 2


def test_what_was_due_while_nobody_looked_is_released_at_the_next_look(
    db: Database, clock: Clock
) -> None:
    with db.write() as session:
        add_catalogue(session)
    take(db, *(embargoed(f"n{number}") for number in range(45)))
    clock.now = MOMENT + 50 * HOUR
    assert desk(db, clock).release_due() == 45
    with db.read() as session:
        assert releases.scheduled(session, 99) == []
    clock.now = NOW
    assert desk(db, clock).release_due() == 0, "a clock put back takes nothing back"
    assert is_out(db)


def test_two_schedulers_release_each_article_once(postgres_db: Database, clock: Clock) -> None:
    db = postgres_db
    with db.write() as session:
        add_catalogue(session)
    take(db, *(embargoed(f"n{number}") for number in range(60)))
    clock.now = MOMENT
    released: list[int] = []
    threads = [
        threading.Thread(target=lambda: released.append(desk(db, clock).release_due()))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(released) == 60
    with db.read() as session:
        assert {each.revision for each in articles.find(session, limit=99)} == {2}


def test_a_death_within_the_release_leaves_it_to_the_next(db: Database, clock: Clock) -> None:
    with db.write() as session:
        add_catalogue(session)
    take(db, embargoed())

    def die() -> None:
        with db.write() as session:
            assert len(releases.take_due(session, MOMENT, 9)) == 1
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        die()
    clock.now = MOMENT
    assert desk(db, clock).release_due() == 1


def test_an_editor_sets_moves_and_lifts_a_minute(db: Database, clock: Clock) -> None:
    with db.write() as session:
        add_catalogue(session)
    take(db, draft("a"), policy="review")
    at_work = desk(db, clock)
    receipt = at_work.release(1, actor="editor:fang", at=NOW + 5 * MINUTE)
    assert receipt.release_at == NOW + 5 * MINUTE
    assert not is_out(db)
    with pytest.raises(Conflict, match="--at or --now"):
        at_work.release(1, actor="editor:fang")
    with pytest.raises(UsageError, match="past"):
        at_work.release(1, actor="editor:fang", at=NOW)
    at_work.release(1, actor="editor:fang", at=NOW + 9 * MINUTE)
    clock.now = NOW + 8 * MINUTE
    assert at_work.release_due() == 0
    at_work.release(1, actor="editor:fang", at_once=True)
    assert is_out(db)
    with db.read() as session:
        assert releases.scheduled(session, 9) == []
        assert articles.revisions(session, 1)[-1].actor == "editor:fang"
    with pytest.raises(Conflict, match="not held"):
        at_work.release(1, actor="editor:fang", at=NOW + HOUR)


def test_review_and_embargo_are_two_locks(db: Database, clock: Clock) -> None:
    with db.write() as session:
        add_catalogue(session)
    take(db, embargoed(), policy="review")
    clock.now = MOMENT + SECOND
    assert desk(db, clock).release_due() == 0, "nobody has approved it"
    clock.now = NOW
    assert desk(db, clock).release(1, actor="editor:fang").release_at == MOMENT
    assert not is_out(db), "approved before the end of the embargo"
    clock.now = MOMENT
    assert desk(db, clock).release_due() == 1


def test_our_own_scheduled_article_is_published_at_its_minute(db: Database, clock: Clock) -> None:
    with db.write() as session:
        add_catalogue(session)
        sources.add(session, replace(source("import-zhen"), paused=False), NOW)
    take(db, draft("a", at=NOW - 99 * HOUR), policy="review", slug="import-zhen")
    desk(db, clock).release(1, actor="editor:fang", at=MOMENT)
    clock.now = MOMENT + 3 * SECOND
    desk(db, clock).release_due()
    assert only(db).published_at == MOMENT
    desk(db, clock).withdraw(1, reason="x", actor="editor:fang")
    assert only(db).published_at == MOMENT


def test_what_was_withdrawn_meanwhile_is_not_released(db: Database, clock: Clock) -> None:
    with db.write() as session:
        add_catalogue(session)
    take(db, embargoed())
    desk(db, clock).withdraw(1, reason="x", actor="editor:fang")
    clock.now = MOMENT
    assert desk(db, clock).release_due() == 0
    assert only(db).status == "withdrawn"
    assert not is_out(db)


@pytest.mark.parametrize("moved", [MOMENT + HOUR, None])
def test_a_partner_moves_or_lifts_its_own_embargo(
    db: Database, clock: Clock, moved: datetime | None
) -> None:
    with db.write() as session:
        add_catalogue(session)
    take(db, embargoed())
    again = draft("a", embargoed_until=moved, source_hash="changed")
    with db.read() as session:
        known = known_by(session, "paper", again.keys)
    poll(db, "paper", [decide(again, known, policy="publish")], now=NOW + MINUTE)
    clock.now = NOW + 2 * MINUTE
    assert desk(db, clock).release_due() == (0 if moved else 1)
    clock.now = MOMENT + MINUTE
    desk(db, clock).release_due()
    assert is_out(db) == (moved is None)


def test_an_embargo_that_can_be_read_no_longer_waits_for_an_editor(
    db: Database, clock: Clock
) -> None:
    with db.write() as session:
        add_catalogue(session)
    take(db, embargoed())
    unread = Repair(kind="unclear_embargo", detail="择日")
    again = replace(draft("a", source_hash="changed"), repairs=(unread,), policy="review")
    with db.read() as session:
        known = known_by(session, "paper", again.keys)
    poll(db, "paper", [decide(again, known, policy="review")], now=NOW + MINUTE)
    for moment in (NOW + 2 * MINUTE, MOMENT + MINUTE):
        clock.now = moment
        assert desk(db, clock).release_due() == 0
        assert not is_out(db)


def test_a_text_changed_under_embargo_stays_held(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
    take(db, embargoed())
    changed = embargoed(source_hash="changed")
    changed = replace(changed, content=replace(changed.content, body_html="<p>新的正文。</p>"))
    with db.read() as session:
        decision = decide(changed, known_by(session, "paper", changed.keys), policy="publish")
    assert isinstance(decision, Updated)
    poll(db, "paper", [decision], now=NOW + MINUTE)
    assert only(db).status == "held"
    assert not is_out(db)


def test_times_of_publication() -> None:
    """Own and scheduled: the minute; all else as it was, but never in the future."""
    early, late = NOW - HOUR, NOW + HOUR
    assert published_on_release(early, own=True, scheduled_at=NOW, now=NOW + SECOND) == NOW
    assert published_on_release(early, own=True, scheduled_at=late, now=NOW) == NOW
    assert published_on_release(early, own=True, scheduled_at=None, now=NOW) == early
    assert published_on_release(early, own=False, scheduled_at=NOW, now=NOW) == early
    assert published_on_release(late, own=False, scheduled_at=late, now=NOW) == NOW


def item(**values: object) -> Item:
    return replace(Item(guid="g", title="题目", content_html="<p>正文。</p>"), **values)  # type: ignore[arg-type]


def normalised(item: Item) -> Draft:
    made = normalise(item, Keys(guid="g"), seen_at=NOW)
    assert isinstance(made, Draft)
    return made


def test_a_date_in_the_future_alone_holds_nothing() -> None:
    made = normalised(item(published_at=NOW + 8 * HOUR, published_precision="minute"))
    assert made.embargoed_until is None
    assert made.published_at == NOW


def test_an_embargo_allows_its_own_date_and_a_past_one_is_none() -> None:
    told = item(published_at=MOMENT, published_precision="minute", embargoed_until=MOMENT)
    made = normalised(told)
    assert (made.embargoed_until, made.published_at) == (MOMENT, MOMENT)
    past = normalised(item(embargoed_until=NOW))
    assert past.embargoed_until is None
    assert past.source_hash != normalised(item()).source_hash
    unclear = normalised(item(repairs=(Repair(kind="unclear_embargo", detail="择日"),)))
    assert unclear.policy == "review"


@pytest.mark.parametrize(
    ("written", "read"),
    [('"2026-03-02T13:05:06+08:00"', NOW.replace(microsecond=0) + HOUR), ('"择日"', None)],
)
def test_ninjs_says_until_when(written: str, read: datetime | None) -> None:
    head = '{"uri": "urn:x:1", "headline": "题目", "body_html": "<p>正文。</p>", "embargoed": '
    text = f"{head}{written}}}"
    parsed = parse(ParseJob(kind="feed", body=text.encode(), url="https://x.example/", seen_at=NOW))
    assert isinstance(parsed, ParsedFeed)
    [told] = parsed.items
    assert told.embargoed_until == read
    assert ("unclear_embargo" in {each.kind for each in told.repairs}) == (read is None)
