from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from feedsvc.domain.article import Article, Keys
from feedsvc.domain.decision import Duplicate, New, Updated
from feedsvc.domain.feed import Category, Selection
from feedsvc.errors import NotFound
from feedsvc.store import articles, categories, feeds, sources
from feedsvc.store.articles import NewRevision
from feedsvc.store.engine import Database
from tests.store.samples import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    add_catalogue,
    content,
    draft,
    known_by,
    only,
    poll,
    source,
    store_new,
)

URL = "https://paper.example/a.html"
ZHEN = Selection(category="zhen")


@pytest.fixture
def filled(db: Database) -> Database:
    """Sources `paper` and `radio` in `zhen`, `boat` in `he`."""
    with db.write() as session:
        add_catalogue(session, ["paper", "radio"])
        categories.add(session, Category(slug="he", title="河边"), NOW)
        sources.add(session, source("boat", category="he"), NOW)
    return db


def titles(found: list[Article]) -> list[str]:
    return [each.content.title.removeprefix("消息 ") for each in found]


def test_known_answers_in_the_order_of_the_keys(filled: Database) -> None:
    store_new(filled, "paper", ["a", "b"])
    with filled.read() as session:
        paper = sources.get(session, "paper").id
        found = articles.known(
            session, paper, [Keys(guid="b"), Keys(guid="?"), Keys(guid="a"), Keys(guid="b")]
        )
        assert [each and each.article.content.title for each in found] == [
            "消息 b",
            None,
            "消息 a",
            "消息 b",
        ]
        assert articles.known(session, paper, []) == []


def test_the_own_key_decides_before_url_and_url_before_hash(filled: Database) -> None:
    poll(
        filled,
        "paper",
        [
            New(draft=draft("own")),
            New(draft=draft("by-url", url=URL)),
            New(draft=draft("by-hash", keys=Keys(guid="by-hash", content_hash="h"))),
        ],
    )
    with filled.read() as session:
        for keys, title, match in (
            (Keys(guid="own", url=URL, content_hash="h"), "消息 own", "key"),
            (Keys(guid="?", url=URL, content_hash="h"), "消息 by-url", "url"),
            (Keys(guid="?", url="https://x.example/", content_hash="h"), "消息 by-hash", "hash"),
        ):
            known = known_by(session, "paper", keys)
            assert (known.article.content.title, known.match) == (title, match)


def test_a_key_of_one_source_says_nothing_to_another(filled: Database) -> None:
    store_new(filled, "paper", ["a"])
    with filled.read() as session:
        radio = sources.get(session, "radio").id
        assert articles.known(session, radio, [Keys(guid="a")]) == [None]


def test_the_same_word_as_guid_url_and_hash_is_three_names(filled: Database) -> None:
    poll(filled, "paper", [New(draft=draft("a", keys=Keys(url=URL)))])
    with filled.read() as session:
        radio = sources.get(session, "radio").id
        keys = [Keys(guid=URL), Keys(content_hash=URL), Keys(url=URL)]
        assert [each is not None for each in articles.known(session, radio, keys)] == [
            False,
            False,
            True,
        ]


def test_keys_may_be_long(filled: Database) -> None:
    """An index of the text itself fails on PostgreSQL beyond some 2,700 bytes."""
    long = "https://paper.example/" + "长" * 5000
    poll(filled, "paper", [New(draft=draft("a", keys=Keys(guid=long, url=long)))])
    with filled.read() as session:
        assert known_by(session, "paper", Keys(guid=long)).match == "key"
        assert known_by(session, "radio", Keys(url=long)).match == "url"


def test_known_links_are_those_that_this_source_gave_us(filled: Database) -> None:
    listed = "https://paper.example/listed.html"
    poll(filled, "paper", [New(draft=draft("l", keys=Keys(url=listed)))])
    poll(filled, "paper", [New(draft=draft("a", url=URL))])
    links = [listed, URL, "https://paper.example/new.html"]
    with filled.read() as session:
        paper, radio = (sources.get(session, slug).id for slug in ("paper", "radio"))
        assert articles.known_links(session, paper, links) == {listed, URL}
        assert articles.known_links(session, radio, links) == set()
        known = known_by(session, "radio", Keys(url=URL))
    poll(filled, "radio", [Duplicate(draft=draft("a", keys=Keys(url=URL)), known=known)])
    with filled.read() as session:
        assert articles.known_links(session, radio, links) == {URL}
        assert articles.known_links(session, radio, []) == set()


def test_an_article_is_found_by_number_and_by_guid(filled: Database) -> None:
    store_new(filled, "paper", ["a"])
    with filled.read() as session:
        article = only(session)
        for name in (article.id, str(article.id), article.guid):
            assert articles.get(session, name) == article


@pytest.mark.parametrize("name", [0, -1, 99, "99", "urn:uuid:x", "", "9" * 30, 10**30])
def test_an_article_that_is_not_there(filled: Database, name: int | str) -> None:
    with filled.read() as session, pytest.raises(NotFound, match="no such article"):
        articles.get(session, name)


def test_listing_by_category_source_and_status_in_pages(filled: Database) -> None:
    store_new(filled, "paper", ["p1", "p2", "p3"])
    store_new(filled, "boat", ["b1"])
    poll(filled, "radio", [New(draft=draft("r1"), status="held")])
    with filled.read() as session:
        assert titles(articles.find(session)) == ["r1", "b1", "p3", "p2", "p1"]
        assert titles(articles.find(session, category="he")) == ["b1"]
        assert titles(articles.find(session, source="paper")) == ["p3", "p2", "p1"]
        assert titles(articles.find(session, status="held")) == ["r1"]
        assert titles(articles.find(session, category="zhen", status="live", limit=2)) == [
            "p3",
            "p2",
        ]
        page = articles.find(session, source="paper", limit=2)
        assert titles(articles.find(session, source="paper", before_id=page[-1].id)) == ["p1"]
        assert len(articles.find(session, before_id=10**30)) == 5
        assert articles.find(session, category="nirgends") == []


def test_latest_shows_what_can_be_read_newest_published_first(filled: Database) -> None:
    store_new(filled, "paper", ["old"], at=NOW - DAY)
    store_new(filled, "paper", ["x", "new"], at=NOW)
    store_new(filled, "boat", ["boat"], at=NOW - HOUR)
    poll(filled, "radio", [New(draft=draft("held"), status="held")])
    withdraw(filled, "x")
    with filled.read() as session:
        assert titles(articles.latest(session, limit=9)) == ["new", "boat", "old"]
        assert titles(articles.latest(session, selection=ZHEN, limit=9)) == ["new", "old"]
        assert titles(articles.latest(session, selection=ZHEN, limit=1)) == ["new"]


def withdraw(db: Database, guid: str) -> None:
    with db.write() as session:
        article = known_by(session, "paper", Keys(guid=guid)).article
        articles.revise(
            session,
            article.id,
            NewRevision(
                content=article.content, status="withdrawn", reason="不实", actor="editor:li",
                kind="withdrawn", edited_fields=(),
            ),
            NOW + HOUR,
        )  # fmt: skip


def test_a_revision_by_an_editor(filled: Database) -> None:
    store_new(filled, "paper", ["a"], now=NOW)
    with filled.write() as session:
        before = only(session)
        changes = articles.revise(
            session,
            before.id,
            NewRevision(
                content=content("改过"), status="corrected", reason="错字", actor="editor:li",
                kind="corrected", edited_fields=("title",),
            ),
            NOW + HOUR,
        )  # fmt: skip
        assert (changes.updated, changes.withdrawn) == (1, 0)
        assert (changes.feeds, changes.cursor) == (("all", "corrections", "zhen"), 2)
        assert only(session) == replace(
            before,
            content=content("改过"),
            status="corrected",
            reason="错字",
            revision=2,
            updated_at=NOW + HOUR,
            edited_fields=("title",),
        )
        first, second = articles.revisions(session, before.id)
        assert (first.number, first.content) == (1, before.content)
        assert (second.number, second.content, second.at) == (2, content("改过"), NOW + HOUR)
        assert (second.status, second.reason, second.actor) == ("corrected", "错字", "editor:li")
        assert feeds.state(session, "zhen").updated_at == NOW + HOUR
        assert articles.revisions(session, 99) == []


def test_a_partners_update_keeps_the_edited_fields_marked(filled: Database) -> None:
    test_a_revision_by_an_editor(filled)
    with filled.read() as session:
        known = known_by(session, "paper", Keys(guid="a"))
    decision = Updated(
        draft=draft("a", source_hash="v2"), known=known, content=content("改过"),
        status="corrected", kind="updated", reason="错字",
    )  # fmt: skip
    poll(filled, "paper", [decision], now=NOW + DAY)
    with filled.read() as session:
        assert (only(session).edited_fields, only(session).revision) == (("title",), 3)


def test_revising_what_is_not_there(filled: Database) -> None:
    nothing = NewRevision(
        content=content("x"), status="live", reason="", actor="editor:li", kind="updated",
        edited_fields=(),
    )  # fmt: skip
    with filled.write() as session, pytest.raises(NotFound):
        articles.revise(session, 99, nothing, NOW)


def test_an_article_read_for_a_revision_is_kept_from_others(filled: Database) -> None:
    """Two editors add a word each at the same moment: neither word may be lost."""
    store_new(filled, "paper", ["a"])
    both_ready = threading.Barrier(2, timeout=10)

    def add(word: str) -> None:
        both_ready.wait()
        with filled.write() as session:
            article = articles.get(session, 1)
            articles.revise(
                session,
                1,
                NewRevision(
                    content=content(article.content.title + word), status="corrected",
                    reason="x", actor="editor:li", kind="corrected", edited_fields=(),
                ),
                NOW + MINUTE,
            )  # fmt: skip

    editors = [threading.Thread(target=add, args=(word,)) for word in ("甲", "乙")]
    for each in editors:
        each.start()
    for each in editors:
        each.join()
    with filled.read() as session:
        assert only(session).revision == 3
        assert set(only(session).content.title) >= {"甲", "乙"}
