"""The review desk: what an editor's yes and no do to an article, and that each is said once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from feedsvc.curate.review import Reviewer, accepted
from feedsvc.domain.article import Article, Content, Status
from feedsvc.domain.candidate import Candidate, CandidateKind
from feedsvc.domain.decision import Referred
from feedsvc.errors import Conflict, NotFound
from feedsvc.store import articles, candidates
from feedsvc.store.engine import Database
from tests.store.samples import (
    FULL,
    MINUTE,
    NOW,
    add_catalogue,
    content,
    draft,
    known_article,
    known_by,
    poll,
    store_new,
)

PROPOSED = content("渡口恢复通航（更正）")


class Published(list[str]):
    """Notes which feeds were published."""

    def __call__(self, slugs: tuple[str, ...]) -> object:
        self.extend(slugs)
        return None


@pytest.fixture
def published() -> Published:
    return Published()


@pytest.fixture
def reviewer(db: Database, published: Published) -> Reviewer:
    with db.write() as session:
        add_catalogue(session)
    store_new(db, "paper", ["a"])
    return Reviewer(db, published, lambda: NOW + MINUTE)


def refer(db: Database, kind: CandidateKind) -> None:
    with db.read() as session:
        known = known_by(session, "paper", draft("a").keys)
    proposed = None if kind == "withdrawn" else PROPOSED
    judged = draft("a", source_hash=kind)
    poll(db, "paper", [Referred(draft=judged, known=known, kind=kind, reason="内容失实", proposed=proposed)])  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "status", "title"),
    [
        ("withdrawn", "withdrawn", "消息 a"),
        ("corrected", "corrected", PROPOSED.title),
        ("replaced", "live", PROPOSED.title),
    ],
)
def test_an_accepted_candidate_is_one_revision_under_the_editors_name(
    db: Database,
    reviewer: Reviewer,
    published: Published,
    kind: CandidateKind,
    status: Status,
    title: str,
) -> None:
    refer(db, kind)
    verdict = reviewer.accept(1, actor="editor:li")
    assert (verdict.candidate.state, verdict.candidate.settled_by) == ("accepted", "editor:li")
    assert (verdict.article.status, verdict.article.content.title) == (status, title)
    assert verdict.article.reason == ("" if kind == "replaced" else "内容失实")
    told = [] if kind == "replaced" else ["corrections"]
    assert published == ["all", *told, "zhen"]
    with db.read() as session:
        kept = articles.revisions(session, verdict.article.id)
    assert [(each.number, each.actor) for each in kept] == [(1, "source:paper"), (2, "editor:li")]


def test_a_dismissed_candidate_changes_nothing(
    db: Database, reviewer: Reviewer, published: Published
) -> None:
    refer(db, "withdrawn")
    verdict = reviewer.dismiss(1, actor="editor:li")
    assert (verdict.candidate.state, verdict.article.revision) == ("dismissed", 1)
    assert published == []
    with db.read() as session:
        assert candidates.find(session) == []


@pytest.mark.parametrize("act", ["accept", "dismiss"])
def test_a_settled_candidate_is_settled_for_good(
    db: Database, reviewer: Reviewer, act: str
) -> None:
    refer(db, "withdrawn")
    reviewer.dismiss(1, actor="editor:li")
    with pytest.raises(Conflict, match="dismissed already"):
        getattr(reviewer, act)(1, actor="editor:wu")
    with pytest.raises(NotFound):
        getattr(reviewer, act)(9, actor="editor:wu")


def candidate(kind: CandidateKind, proposed: Content | None = None) -> Candidate:
    return Candidate(
        id=1, article=1, title="", source="paper", kind=kind, reason="", evidence="", at=NOW,
        proposed=proposed,
    )  # fmt: skip


def article(**values: object) -> Article:
    return known_article(**values).article


def test_nothing_is_left_to_do_for_a_withdrawn_article() -> None:
    kinds: Sequence[CandidateKind] = ("withdrawn", "corrected", "replaced")
    for kind in kinds:
        assert accepted(candidate(kind, PROPOSED), article(status="withdrawn"), "editor:li") is None


def test_editors_words_outlast_an_accepted_correction() -> None:
    ours = replace(FULL, title="编辑改过的标题")
    known = article(content=ours, edited_fields=("title",))
    revision = accepted(candidate("corrected", PROPOSED), known, "editor:li")
    assert revision is not None
    assert revision.content == replace(PROPOSED, title="编辑改过的标题")
    assert revision.edited_fields == ("title",)


def test_a_held_article_stays_held_under_a_correction() -> None:
    revision = accepted(candidate("corrected", PROPOSED), article(status="held"), "editor:li")
    assert revision is not None
    assert revision.status == "held"
