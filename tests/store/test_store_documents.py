from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from feedsvc.domain.feed import FORMATS
from feedsvc.store import documents
from feedsvc.store.engine import Database
from tests.store.samples import document


def test_documents_come_back_as_they_were(db: Database) -> None:
    three = [document("zhen", kind, text=kind) for kind in FORMATS]
    with db.write() as session:
        assert documents.save(session, three) == three
        pairs = [(each.slug, each.format) for each in three]
        loaded = documents.load(session, [*pairs, ("nirgends", "rss")])
        assert sorted(loaded, key=lambda each: each.path) == sorted(
            three, key=lambda each: each.path
        )
        assert documents.load(session, []) == []
        assert documents.save(session, []) == []


def test_an_older_cursor_never_replaces_a_newer_one(db: Database) -> None:
    newer, older = document(cursor=5, text="new"), document(cursor=4, text="old")
    other = document("he", cursor=1)
    with db.write() as session:
        documents.save(session, [newer])
        assert documents.save(session, [older, other]) == [other]
        assert documents.load(session, [("zhen", "rss")]) == [newer]


def test_the_same_cursor_in_another_edition_replaces(db: Database) -> None:
    first = document(cursor=5, text="one")
    second = replace(first, edition="2", etag="5-two", body=b"two")
    with db.write() as session:
        documents.save(session, [first])
        assert [each.etag for each in documents.save(session, [second])] == ["5-two"]
        assert documents.editions(session) == {("zhen", "rss"): (5, "5-two", "2")}


def test_editions_list_all_without_the_bytes(db: Database) -> None:
    with db.write() as session:
        assert documents.editions(session) == {}
        documents.save(session, [document("zhen", "atom", cursor=3), document("all", "json")])
        assert documents.editions(session) == {
            ("zhen", "atom"): (3, "3-x", "1"),
            ("all", "json"): (1, "1-x", "1"),
        }


def test_other_bytes_are_dated_at_least_a_second_later(db: Database) -> None:
    first, second = document(cursor=1, text="one"), document(cursor=2, text="two")
    tick = timedelta(seconds=1)
    with db.write() as session:
        documents.save(session, [first])
        [stored] = documents.save(session, [second])
        assert stored.last_modified == first.last_modified + tick
        assert documents.load(session, [("zhen", "rss")]) == [stored]
        [again] = documents.save(session, [second])
        assert again == stored, "the same bytes keep their date"
        later = replace(
            document(cursor=3, text="three"), last_modified=first.last_modified + 9 * tick
        )
        assert documents.save(session, [later]) == [later]
