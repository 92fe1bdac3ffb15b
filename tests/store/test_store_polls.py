"""What each decision does to the store, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from feedsvc.domain.article import Keys
from feedsvc.domain.decision import Changes, Duplicate, New, Unchanged, Updated, Withdrawn
from feedsvc.domain.feed import Category
from feedsvc.store import articles, categories, feeds, outbox, sources
from feedsvc.store.columns import chunked
from feedsvc.store.engine import Database
from feedsvc.store.tables import ALIAS, APPEARANCE, CHANGE
from tests.store.samples import (
    DAY,
    FULL,
    HOUR,
    MINUTE,
    NOW,
    add_catalogue,
    content,
    draft,
    known_by,
    only,
    poll,
    poll_in,
    store_new,
)

A = Keys(guid="a")
URL = "https://paper.example/a.html"


@pytest.fixture
def filled(db: Database) -> Database:
    """A database with the sources `paper` and `radio` in the category `zhen`."""
    with db.write() as session:
        add_catalogue(session, ["paper", "radio"])
        outbox_errands = outbox.claim(session, outbox.PUBLISH, NOW, limit=9, seconds=1)
        for errand in outbox_errands:
            outbox.settle(session, errand)
    return db


def count(session: Session, table: Table) -> int:
    return session.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_new_article_comes_back_with_all_its_provenance(filled: Database) -> None:
    made = draft("a", at=NOW - DAY, content=FULL, updated_at=NOW - HOUR)
    changes = poll(filled, "paper", [New(draft=made)], now=NOW)
    assert (changes.new, changes.updated, changes.withdrawn) == (1, 0, 0)
    assert (changes.feeds, changes.cursor) == (("all", "zhen"), 1)
    with filled.read() as session:
        article = only(session)
        assert article.guid.startswith("urn:uuid:")
        assert article.content == FULL
        assert (article.source, article.source_title) == ("paper", "paper 报")
        assert article.source_url == "https://paper.example/feed"
        assert (article.category, article.category_title) == ("zhen", "镇上")
        assert (article.published_at, article.published_precision) == (NOW - DAY, "minute")
        assert (article.first_seen_at, article.updated_at) == (NOW, NOW - HOUR)
        assert (article.status, article.reason, article.revision) == ("live", "", 1)
        assert (article.link, article.extractor) == ("https://partner.example/a", "feed 1")
        assert article.edited_fields == ()
        (revision,) = articles.revisions(session, article.id)
        assert (revision.number, revision.content, revision.status) == (1, FULL, "live")
        assert (revision.reason, revision.actor, revision.at) == ("", "source:paper", NOW)


def test_a_poll_moves_the_feeds_and_asks_for_them_after_the_debounce(filled: Database) -> None:
    with filled.write() as session:
        categories.add(session, Category(slug="he", title="河边"), NOW - DAY)
        for errand in outbox.claim(session, outbox.PUBLISH, NOW, limit=9, seconds=1):
            outbox.settle(session, errand)
    changes = store_new(filled, "paper", ["a", "b", "c"], now=NOW + MINUTE)
    assert changes.cursor == 3
    with filled.write() as session:
        for slug in ("all", "zhen"):
            state = feeds.state(session, slug)
            assert (state.cursor, state.updated_at) == (3, NOW + MINUTE)
        assert feeds.state(session, "he").cursor == 0
        due = NOW + MINUTE + MINUTE / 30
        early = due - MINUTE / 6000
        assert outbox.claim(session, outbox.PUBLISH, early, limit=9, seconds=1) == []
        errands = outbox.claim(session, outbox.PUBLISH, due, limit=9, seconds=1)
        assert sorted((each.subject, each.cursor) for each in errands) == [("all", 3), ("zhen", 3)]


def test_a_feeds_time_never_goes_back(filled: Database) -> None:
    store_new(filled, "paper", ["a"], now=NOW + DAY)
    store_new(filled, "paper", ["b"], now=NOW + HOUR)
    with filled.read() as session:
        state = feeds.state(session, "all")
        assert (state.cursor, state.updated_at) == (2, NOW + DAY)


def test_a_held_article_touches_nothing_that_readers_see(filled: Database) -> None:
    changes = poll(filled, "paper", [New(draft=draft("a"), status="held")], now=NOW + HOUR)
    assert (changes.new, changes.feeds, changes.cursor) == (1, (), 0)
    with filled.read() as session:
        assert only(session).status == "held"
        assert count(session, CHANGE) == 0
        assert feeds.state(session, "all").updated_at == NOW
        assert outbox.pending(session, outbox.PUBLISH) == 0


def test_a_release_is_the_first_that_readers_see_of_a_held_article(filled: Database) -> None:
    poll(filled, "paper", [New(draft=draft("a"), status="held")])
    changes = revise(filled, "live", kind="released")
    assert (changes.updated, changes.feeds, changes.cursor) == (1, ("all", "zhen"), 1)


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


def test_the_withdrawal_of_a_held_article_is_no_news(filled: Database) -> None:
    poll(filled, "paper", [New(draft=draft("a"), status="held")])
    changes = revise(filled, "withdrawn", kind="withdrawn")
    assert (changes.withdrawn, changes.feeds) == (1, ())
    with filled.read() as session:
        assert feeds.snapshot(session, "zhen", feeds.Window()).articles == ()


def test_an_update_is_a_revision_of_the_same_article(filled: Database) -> None:
    store_new(filled, "paper", ["a"], at=NOW - DAY)
    with filled.read() as session:
        known, before = known_by(session, "paper", A), only(session)
    said = draft("a", at=NOW, source_hash="new", extractor="feed 2", link="https://moved.example/")
    decision = Updated(
        draft=said, known=known, content=content("改过"), status="corrected", kind="corrected",
        reason="错字",
    )  # fmt: skip
    changes = poll(filled, "paper", [decision], now=NOW + HOUR)
    assert (changes.new, changes.updated, changes.cursor) == (0, 1, 2)
    with filled.read() as session:
        after = only(session)
        assert after == replace(
            before,
            content=content("改过"),
            status="corrected",
            reason="错字",
            revision=2,
            updated_at=NOW,
            extractor="feed 2",
        )
        assert [each.content.title for each in articles.revisions(session, after.id)] == [
            "消息 a",
            "改过",
        ]
        assert known_by(session, "paper", A).source_hash == "new"


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        pytest.param(NOW + MINUTE, NOW + MINUTE, id="the partner's newer time"),
        pytest.param(NOW, NOW + HOUR, id="ours where the partner's stands still"),
        pytest.param(NOW - DAY, NOW + HOUR, id="ours where the partner's goes back"),
    ],
)
def test_when_an_updated_article_was_updated(
    filled: Database, claimed: object, expected: object
) -> None:
    store_new(filled, "paper", ["a"], at=NOW)
    with filled.read() as session:
        known = known_by(session, "paper", A)
    said = draft("a", updated_at=claimed)
    decision = Updated(draft=said, known=known, content=content("x"), status="live", kind="updated")
    poll(filled, "paper", [decision], now=NOW + HOUR)
    with filled.read() as session:
        assert only(session).updated_at == expected


def test_an_articles_time_never_goes_back(filled: Database) -> None:
    store_new(filled, "paper", ["a"], at=NOW + DAY)
    with filled.read() as session:
        known = known_by(session, "paper", A)
    decision = Updated(
        draft=draft("a"), known=known, content=content("x"), status="live", kind="updated"
    )
    poll(filled, "paper", [decision], now=NOW)
    with filled.read() as session:
        assert only(session).updated_at == NOW + DAY


def test_a_withdrawal_keeps_the_words_for_undo_and_audit(filled: Database) -> None:
    store_new(filled, "paper", ["a"])
    with filled.read() as session:
        known = known_by(session, "paper", A)
    said = draft("a", content=content(""), source_hash="gone")
    changes = poll(
        filled, "paper", [Withdrawn(draft=said, known=known, reason="不实")], now=NOW + HOUR
    )
    assert (changes.withdrawn, changes.updated) == (1, 0)
    assert changes.feeds == ("all", "corrections", "zhen")
    with filled.read() as session:
        article = only(session)
        assert (article.status, article.reason, article.revision) == ("withdrawn", "不实", 2)
        assert article.content == known.article.content
        assert article.updated_at == NOW + HOUR
        first, second = articles.revisions(session, article.id)
        assert (second.status, second.content) == ("withdrawn", first.content)
        gone = session.execute(select(APPEARANCE.c.withdrawn_at)).scalar_one()
        assert gone == NOW + HOUR


def test_a_duplicate_is_one_more_appearance_and_no_change(filled: Database) -> None:
    poll(filled, "paper", [New(draft=draft("a", url=URL))])
    theirs = Keys(guid="r-a", url=URL, content_hash="h")
    with filled.read() as session:
        known = known_by(session, "radio", theirs)
    assert (known.match, known.same_source, known.source_hash) == ("url", False, None)
    changes = poll(filled, "radio", [Duplicate(draft=draft("r-a", keys=theirs), known=known)])
    assert changes == Changes()
    with filled.read() as session:
        assert only(session).source == "paper"
        assert count(session, APPEARANCE) == 2
        assert known_by(session, "radio", Keys(guid="r-a")).match == "key"
        # The hash, that nobody had used, names the article from now on.
        assert known_by(session, "paper", Keys(content_hash="h")).match == "hash"


def test_a_name_that_means_another_article_is_left_with_it(filled: Database) -> None:
    one, two = draft("a", url=URL), draft("b", keys=Keys(guid="b", content_hash="h"))
    poll(filled, "paper", [New(draft=one), New(draft=two)])
    both = Keys(guid="r", url=URL, content_hash="h")
    with filled.read() as session:
        known = known_by(session, "radio", both)
    poll(filled, "radio", [Duplicate(draft=draft("r", keys=both), known=known)])
    with filled.read() as session:
        assert known_by(session, "radio", Keys(url=URL)).article.content.title == "消息 a"
        assert known_by(session, "radio", Keys(content_hash="h")).article.content.title == "消息 b"


def test_unchanged_writes_only_a_new_hash(filled: Database) -> None:
    store_new(filled, "paper", ["a"])
    with filled.read() as session:
        known, before = known_by(session, "paper", A), only(session)
    decisions = [
        Unchanged(draft=draft("a", source_hash="said anew"), known=known),
        Unchanged(draft=draft("never had")),
    ]
    assert poll(filled, "paper", decisions, now=NOW + HOUR) == Changes()
    with filled.read() as session:
        assert only(session) == before
        assert known_by(session, "paper", A).source_hash == "said anew"
        changed = select(APPEARANCE.c.last_changed_at)
        assert session.execute(changed).scalar_one() == NOW + HOUR
    with filled.read() as session:
        known = known_by(session, "paper", A)
    same = [Unchanged(draft=draft("a", source_hash="said anew"), known=known)]
    poll(filled, "paper", same, now=NOW + DAY)
    with filled.read() as session:
        assert session.execute(changed).scalar_one() == NOW + HOUR


def test_an_update_under_a_new_key_is_found_under_both(filled: Database) -> None:
    poll(filled, "paper", [New(draft=draft("a", url=URL))])
    renamed = Keys(guid="a2", url=URL)
    with filled.read() as session:
        known = known_by(session, "paper", renamed)
    assert (known.match, known.same_source, known.source_hash) == ("url", True, "hash of a")
    decision = Updated(
        draft=draft("a2", keys=renamed, source_hash="v2"), known=known, content=content("x"),
        status="live", kind="updated",
    )  # fmt: skip
    poll(filled, "paper", [decision])
    with filled.read() as session:
        assert known_by(session, "paper", A).source_hash == "hash of a"
        assert known_by(session, "paper", Keys(guid="a2")).source_hash == "v2"
        assert known_by(session, "paper", Keys(guid="a3", url=URL)).source_hash == "v2"


def test_a_large_poll_is_stored_whole(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one statement could not have that many parameters."""
    monkeypatch.setattr(chunked, "__defaults__", (7,))
    names = [f"n{number}" for number in range(100)]
    made = [New(draft=draft(name, url=f"https://paper.example/{name}")) for name in names]
    with filled.write() as session:
        assert poll_in(session, "paper", made).new == 100
    with filled.read() as session:
        found = articles.known(
            session, sources.get(session, "paper").id, [Keys(guid=name) for name in names]
        )
        assert [each and each.article.content.title for each in found] == [
            f"消息 {name}" for name in names
        ]
        assert count(session, ALIAS) == 100
