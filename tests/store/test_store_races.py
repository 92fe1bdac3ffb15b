"""Several words on one article, from two transactions or within one document."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from feedsvc.domain.article import Keys
from feedsvc.domain.decision import Changes, Decision, New, Updated, Withdrawn
from feedsvc.errors import StoreBusy
from feedsvc.store import articles, claims, runs
from feedsvc.store.engine import Database
from feedsvc.store.polls import commit_poll
from feedsvc.store.tables import APPEARANCE, REVISION
from tests.store.samples import (
    HOUR,
    NOW,
    add_catalogue,
    content,
    draft,
    known_by,
    only,
    outcome,
    poll,
    store_new,
)

A = Keys(guid="a")
URL = "https://paper.example/a.html"


@pytest.fixture
def filled(db: Database) -> Database:
    """A database with the sources `paper` and `radio` in the category `zhen`."""
    with db.write() as session:
        add_catalogue(session, ["paper", "radio"])
    return db


def count(session: Session, table: Table) -> int:
    return session.execute(select(func.count()).select_from(table)).scalar_one()


def revise(db: Database, status: str, *, kind: str, reason: str = "") -> Changes:
    with db.write() as session:
        article = only(session)
        revision = articles.NewRevision(
            content=article.content,
            status=status,  # type: ignore[arg-type]
            reason=reason,
            actor="editor:li",
            kind=kind,  # type: ignore[arg-type]
            edited_fields=article.edited_fields,
        )
        return articles.revise(session, article.id, revision, NOW + HOUR)


def test_a_name_taken_since_the_decision_means_decide_again(filled: Database) -> None:
    """Two sources bring one article at the same moment: it must not be stored twice."""
    poll(filled, "radio", [New(draft=draft("r", url=URL))])
    with pytest.raises(StoreBusy, match="decide again"):
        poll(filled, "paper", [New(draft=draft("a", url=URL))])
    with filled.read() as session:
        assert only(session).source == "radio"
        assert runs.latest(session, "paper") == []
        assert count(session, REVISION) == 1


def test_a_name_taken_by_a_transaction_under_way_means_decide_again(postgres_db: Database) -> None:
    with postgres_db.write() as session:
        add_catalogue(session, ["paper", "radio"])
    with postgres_db.write() as session:
        claim = claims.claim_one(session, "paper", NOW, seconds=60)
    assert claim is not None
    made = outcome(claim, [New(draft=draft("a", url=URL))])

    def commit_meanwhile() -> None:
        with postgres_db.write() as mine:
            assert articles.known(mine, claim.source.id, [Keys(url=URL)]) == [None]
            poll(postgres_db, "radio", [New(draft=draft("r", url=URL))])
            commit_poll(mine, made, NOW, 0)

    with pytest.raises(StoreBusy, match="decide again"):
        commit_meanwhile()
    with postgres_db.read() as session:
        assert only(session).source == "radio"


def test_an_article_revised_since_the_decision_means_decide_again(filled: Database) -> None:
    store_new(filled, "paper", ["a"])
    with filled.read() as session:
        known = known_by(session, "paper", A)
    revise(filled, "corrected", kind="corrected", reason="错字")
    decision = Updated(
        draft=draft("a"), known=known, content=content("x"), status="live", kind="updated"
    )
    with pytest.raises(StoreBusy, match="changed meanwhile"):
        poll(filled, "paper", [decision])
    with filled.read() as session:
        assert only(session).status == "corrected"


def two_items_of_one_article(db: Database) -> tuple[Decision, Decision]:
    poll(db, "paper", [New(draft=draft("a", url=URL))])
    with db.read() as session:
        by_key = known_by(session, "paper", A)
        by_url = known_by(session, "paper", Keys(guid="b", url=URL))
    update = Updated(
        draft=draft("a"), known=by_key, content=content("x"), status="live", kind="updated"
    )
    return update, Withdrawn(draft=draft("b", url=URL), known=by_url, reason="不实")


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_words_on_one_article_the_withdrawal_counts(filled: Database, order: int) -> None:
    decisions = two_items_of_one_article(filled)[::order]
    changes = poll(filled, "paper", decisions)
    assert (changes.updated, changes.withdrawn) == (0, 1)
    with filled.read() as session:
        assert (only(session).status, only(session).revision) == ("withdrawn", 2)
        assert count(session, APPEARANCE) == 2


def test_of_two_updates_of_one_article_the_first_counts(filled: Database) -> None:
    first, _ = two_items_of_one_article(filled)
    assert isinstance(first, Updated)
    assert poll(filled, "paper", [first, replace(first, content=content("y"))]).updated == 1
    with filled.read() as session:
        assert only(session).content == content("x")


def test_two_new_items_with_one_name_are_both_stored(filled: Database) -> None:
    """The first has the name; the poll must not fail for ever over a partner's oddity."""
    poll(filled, "paper", [New(draft=draft("a", url=URL)), New(draft=draft("b", url=URL))])
    with filled.read() as session:
        assert len(articles.find(session)) == 2
        assert known_by(session, "radio", Keys(url=URL)).article.content.title == "消息 a"
