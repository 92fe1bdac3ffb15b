from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from feedsvc.domain.decision import New
from feedsvc.domain.source import Claim, Validators
from feedsvc.errors import LeaseLost
from feedsvc.store import articles, claims, polls, runs, sources
from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions
from feedsvc.store.polls import PollOutcome, commit_poll
from feedsvc.store.tables import SOURCE, SOURCE_STATE
from tests.store.samples import DAY, HOUR, MINUTE, NOW, add_catalogue, draft, outcome


def claim_all(db: Database, slugs: list[str]) -> list[Claim]:
    with db.write() as session:
        add_catalogue(session, slugs)
    with db.write() as session:
        return claims.claim_due(session, NOW, limit=99, seconds=60)


def test_a_claim_says_what_the_next_request_needs(db: Database) -> None:
    (claim,) = claim_all(db, ["paper"])
    assert (claim.expires_at, claim.validators, claim.failures) == (NOW + MINUTE, Validators(), 0)
    assert not claim.had_items
    made = outcome(claim, [New(draft=draft("a"))])
    made = PollOutcome(
        claim=claim,
        run=made.run,
        decisions=made.decisions,
        validators=Validators(etag='"e"', last_modified="Mon", body_hash="00"),
        next_due_at=NOW + HOUR,
        failures=3,
        settled_kind="feed",
    )
    with db.write() as session:
        commit_poll(session, made, NOW, 0)
        state = sources.state(session, "paper")
        assert (state.due_at, state.lease_expires_at, state.failures) == (NOW + HOUR, None, 3)
        assert claims.claim_due(session, NOW + HOUR - MINUTE, limit=9, seconds=1) == []
        (again,) = claims.claim_due(session, NOW + HOUR, limit=9, seconds=1)
    assert again.validators == made.validators
    assert (again.failures, again.had_items, again.source.kind) == (3, True, "feed")
    assert again.lease > claim.lease


def test_validators_none_keeps_those_there_are(db: Database) -> None:
    (claim,) = claim_all(db, ["paper"])
    kept = Validators(etag='"e"')
    with db.write() as session:
        first = outcome(claim)
        commit_poll(
            session,
            PollOutcome(
                claim=claim, run=first.run, decisions=(), validators=kept,
                next_due_at=NOW, failures=0,
            ),
            NOW,
            0,
        )  # fmt: skip
        again = claims.claim_one(session, "paper", NOW, seconds=1)
        assert again is not None
        commit_poll(session, outcome(again), NOW, 0)
        third = claims.claim_one(session, "paper", NOW, seconds=1)
    assert third is not None
    assert third.validators == kept
    assert not third.had_items


def test_the_longest_due_come_first_and_no_more_than_asked(db: Database) -> None:
    for claim in claim_all(db, ["a", "b", "c"]):
        due_at = NOW + {"a": 3, "b": 1, "c": 2}[claim.source.slug] * MINUTE
        made = outcome(claim)
        with db.write() as session:
            commit_poll(
                session,
                PollOutcome(
                    claim=claim, run=made.run, decisions=(), validators=None,
                    next_due_at=due_at, failures=0,
                ),
                NOW,
                0,
            )  # fmt: skip
    with db.write() as session:
        first = claims.claim_due(session, NOW + HOUR, limit=2, seconds=60)
        rest = claims.claim_due(session, NOW + HOUR, limit=2, seconds=60)
    assert [claim.source.slug for claim in first] == ["b", "c"]
    assert [claim.source.slug for claim in rest] == ["a"]


def test_a_lease_that_ran_out_is_claimed_again(db: Database) -> None:
    (claim,) = claim_all(db, ["paper"])
    with db.write() as session:
        assert claims.claim_due(session, NOW + MINUTE - MINUTE / 60, limit=9, seconds=60) == []
        (again,) = claims.claim_due(session, NOW + MINUTE, limit=9, seconds=60)
    assert again.lease == claim.lease + 1


def test_one_source_is_claimed_before_it_is_due_but_not_from_another_worker(db: Database) -> None:
    (claim,) = claim_all(db, ["paper"])
    with db.write() as session:
        assert claims.claim_one(session, "paper", NOW, seconds=60) is None
        commit_poll(session, outcome(claim), NOW, 0)
        assert claims.claim_due(session, NOW, limit=9, seconds=60) == []
        assert claims.claim_one(session, "paper", NOW, seconds=60) is not None
        assert claims.claim_one(session, "paper", NOW, seconds=60) is None
        assert claims.claim_one(session, "paper", NOW + MINUTE, seconds=60) is not None


def test_a_renewed_lease_lasts_and_keeps_its_number(db: Database) -> None:
    (claim,) = claim_all(db, ["paper"])
    with db.write() as session:
        renewed = claims.renew(session, claim, NOW + MINUTE / 2, seconds=60)
        assert (renewed.lease, renewed.expires_at) == (claim.lease, NOW + 1.5 * MINUTE)
        assert claims.claim_due(session, NOW + MINUTE, limit=9, seconds=60) == []
        commit_poll(session, outcome(claim), NOW, 0)


def test_a_released_source_is_due_at_once_and_the_claim_is_void(db: Database) -> None:
    (claim,) = claim_all(db, ["paper"])
    with db.write() as session:
        claims.release(session, claim, NOW + MINUTE / 2)
        (again,) = claims.claim_due(session, NOW + MINUTE / 2, limit=9, seconds=60)
        claims.release(session, claim, NOW + DAY)
        assert sources.state(session, "paper").lease == again.lease
        with pytest.raises(LeaseLost):
            claims.renew(session, claim, NOW, seconds=60)


def test_a_late_commit_is_refused_and_leaves_nothing(db: Database) -> None:
    (late,) = claim_all(db, ["paper"])
    with db.write() as session:
        (current,) = claims.claim_due(session, NOW + HOUR, limit=9, seconds=60)

    def commit_late() -> None:
        with db.write() as session:
            commit_poll(session, outcome(late, [New(draft=draft("a"))]), NOW + HOUR, 0)

    with pytest.raises(LeaseLost, match="source paper"):
        commit_late()
    with db.write() as session:
        assert articles.find(session) == []
        assert runs.latest(session, "paper") == []
        assert sources.state(session, "paper").lease == current.lease
        commit_poll(session, outcome(current, [New(draft=draft("a"))]), NOW + HOUR, 0)
        assert len(articles.find(session)) == 1


def test_one_outcome_is_taken_once(db: Database) -> None:
    (claim,) = claim_all(db, ["paper"])
    made = outcome(claim, [New(draft=draft("a"))])
    with db.write() as session:
        commit_poll(session, made, NOW, 0)
    with pytest.raises(LeaseLost), db.write() as session:
        commit_poll(session, made, NOW, 0)


def test_a_thousand_due_sources_go_to_four_workers_exactly_once(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
        multiply(session, 1000)
    claimed: Counter[str] = Counter()
    sizes = []

    def work() -> None:
        # A Database of its own: to SQLite this worker is another process.
        own = Database(StoreOptions(url=db.options.url))
        try:
            while True:
                with own.write() as session:
                    batch = claims.claim_due(session, NOW, limit=20, seconds=60)
                if not batch:
                    break
                sizes.append(len(batch))
                claimed.update(claim.source.slug for claim in batch)
        finally:
            own.dispose()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert max(sizes) <= 20
    assert set(claimed.values()) == {1}
    assert len(claimed) == 1000


def multiply(session: Session, number: int) -> None:
    """Turn the one source into `number` sources, in two statements."""
    paper = sources.get(session, "paper")
    row = {"category_id": 1, "url": paper.url, "title": "", "kind": "feed", "policy": "publish",
           "every_seconds": 60, "timezone": "UTC", "rules": {}, "demo": False, "created_at": NOW}  # fmt: skip
    others = range(2, number + 1)
    session.execute(insert(SOURCE), [{"id": each, "slug": f"s{each}", **row} for each in others])
    state = {"paused": False, "due_at": NOW, "lease": 0, "failures": 0, "had_items": False}
    session.execute(insert(SOURCE_STATE), [{"source_id": each, **state} for each in others])


def unchanged(claim: Claim, tag: str) -> PollOutcome:
    made = outcome(claim)
    return replace(
        made,
        run=replace(made.run, status="unchanged", http_status=304),
        validators=Validators(etag=tag, last_modified="Mon", body_hash="00"),
    )


def test_polls_without_news_are_settled_together(db: Database) -> None:
    paper, radio = claim_all(db, ["paper", "radio"])
    with db.write() as session:
        commit_poll(session, outcome(paper, [New(draft=draft("a"))]), NOW, 0)
        again = claims.claim_one(session, "paper", NOW, seconds=60)
        assert again is not None
        paper = again
        assert polls.commit_unchanged(session, [unchanged(radio, "r"), unchanged(paper, "p")]) == {}
        for slug, tag in (("paper", "p"), ("radio", "r")):
            state = sources.state(session, slug)
            assert (state.due_at, state.lease_expires_at, state.failures) == (NOW + HOUR, None, 0)
            assert runs.latest(session, slug)[0].status == "unchanged"
            again = claims.claim_one(session, slug, NOW, seconds=1)
            assert again is not None
            assert again.validators == Validators(etag=tag, last_modified="Mon", body_hash="00")
            assert again.had_items == (slug == "paper")


def test_a_lost_lease_among_many_is_refused_alone(db: Database) -> None:
    paper, radio = claim_all(db, ["paper", "radio"])
    with db.write() as session:
        taken = claims.claim_one(session, "paper", NOW + HOUR, seconds=60)
        assert taken is not None
    with db.write() as session:
        lost = polls.commit_unchanged(session, [unchanged(paper, "p"), unchanged(radio, "r")])
        assert list(lost) == [paper.source.id]
        assert isinstance(lost[paper.source.id], LeaseLost)
        assert runs.latest(session, "paper") == []
        assert sources.state(session, "paper").lease == taken.lease
        assert runs.latest(session, "radio")[0].http_status == 304
    with db.write() as session:
        # An outcome is taken once.
        assert list(polls.commit_unchanged(session, [unchanged(radio, "r")])) == [radio.source.id]
