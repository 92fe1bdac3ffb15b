"""Candidates: put up once, lapsing when the source speaks anew, settled by one editor."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from feedsvc.domain.article import Keys
from feedsvc.domain.candidate import Candidate, CandidateKind
from feedsvc.domain.decision import Referred, Retracted, Unchanged
from feedsvc.errors import NotFound
from feedsvc.store import articles, candidates, removing, sources
from feedsvc.store.engine import Database
from feedsvc.store.tables import APPEARANCE
from tests.store.samples import (
    MINUTE,
    NOW,
    add_catalogue,
    content,
    draft,
    known_by,
    only,
    poll,
    store_new,
)


@pytest.fixture
def stocked(db: Database) -> Database:
    with db.write() as session:
        add_catalogue(session, ["paper", "radio"])
    store_new(db, "paper", ["a"])
    return db


def referred(db: Database, said: str, kind: CandidateKind = "withdrawn") -> Referred:
    with db.read() as session:
        known = known_by(session, "paper", Keys(guid="a"))
    proposed = None if kind == "withdrawn" else content(said)
    judged = draft("a", source_hash=said)
    return Referred(draft=judged, known=known, kind=kind, reason=said, proposed=proposed)


def listed(session: Session) -> list[tuple[str, str, str]]:
    return [(each.kind, each.state, each.reason) for each in candidates.find(session, state=None)]


def test_a_candidate_leaves_the_article_as_it_is(stocked: Database) -> None:
    changes = poll(stocked, "paper", [referred(stocked, "said-2")], now=NOW + MINUTE)
    assert (changes.updated, changes.withdrawn, changes.cursor) == (0, 0, 0)
    with stocked.read() as session:
        article = only(session)
        assert (article.status, article.revision) == ("live", 1)
        assert candidates.find(session) == [
            Candidate(
                id=1,
                article=article.id,
                title=article.content.title,
                source="paper",
                kind="withdrawn",
                reason="said-2",
                evidence="guid:a",
                at=NOW + MINUTE,
            )
        ]
        paper = sources.get(session, "paper").id
        assert candidates.open_kinds(session, paper) == {article.id: "withdrawn"}
        assert known_by(session, "paper", Keys(guid="a")).source_hash == "said-2"


def test_proposed_content_comes_back_whole(stocked: Database) -> None:
    poll(stocked, "paper", [referred(stocked, "新的正文", "corrected")])
    with stocked.read() as session:
        assert candidates.get(session, 1).proposed == content("新的正文")


def test_the_newest_word_of_a_source_is_the_only_open_one(stocked: Database) -> None:
    poll(stocked, "paper", [referred(stocked, "said-2", "corrected")])
    poll(stocked, "paper", [referred(stocked, "said-3")])
    with stocked.read() as session:
        assert listed(session) == [
            ("withdrawn", "open", "said-3"),
            ("corrected", "lapsed", "said-2"),
        ]


def test_a_withdrawal_outweighs_a_correction_in_one_poll(stocked: Database) -> None:
    both = [referred(stocked, "said-2", "corrected"), referred(stocked, "said-3")]
    poll(stocked, "paper", both)
    with stocked.read() as session:
        assert listed(session) == [("withdrawn", "open", "said-3")]


def test_it_lapses_when_the_source_says_something_else(stocked: Database) -> None:
    poll(stocked, "paper", [referred(stocked, "said-2")])
    with stocked.read() as session:
        known = known_by(session, "paper", Keys(guid="a"))
    again = Unchanged(draft=draft("a", source_hash="said-2"), known=known)
    poll(stocked, "paper", [again])
    with stocked.read() as session:
        assert listed(session) == [("withdrawn", "open", "said-2")]
    poll(stocked, "paper", [replace(again, draft=draft("a"))])
    with stocked.read() as session:
        assert listed(session) == [("withdrawn", "lapsed", "said-2")]


def test_settling_is_on_record(stocked: Database) -> None:
    poll(stocked, "paper", [referred(stocked, "said-2")])
    with stocked.write() as session:
        candidates.settle(session, 1, "dismissed", actor="editor:li", now=NOW)
    with stocked.read() as session:
        found = candidates.get(session, 1)
        assert (found.state, found.settled_by, found.settled_at) == ("dismissed", "editor:li", NOW)
        assert candidates.find(session) == []
        with pytest.raises(NotFound):
            candidates.get(session, 2)


def test_a_source_that_takes_back_its_appearance_marks_only_that(stocked: Database) -> None:
    with stocked.read() as session:
        known = replace(known_by(session, "paper", Keys(guid="a")), match="url", same_source=False)
    poll(stocked, "radio", [Retracted(draft=draft("r"), known=known)])
    with stocked.read() as session:
        assert only(session).status == "live"
        rows = session.execute(APPEARANCE.select().order_by(APPEARANCE.c.id)).all()
        assert [(row.key, row.withdrawn_at) for row in rows] == [("guid:a", None), ("guid:r", NOW)]


def test_candidates_go_with_their_source(stocked: Database) -> None:
    poll(stocked, "paper", [referred(stocked, "said-2")])
    with stocked.write() as session:
        removing.remove_source(session, "paper", NOW)
    with stocked.read() as session:
        assert candidates.find(session, state=None) == []
        assert articles.find(session) == []
