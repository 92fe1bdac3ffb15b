"""Searching stored articles: exact for Chinese words of any length, and never behind a withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from feedsvc.curate.desk import Correction, Desk
from feedsvc.curate.finding import index_all, index_some, searched
from feedsvc.domain.article import Content, Draft, Keys
from feedsvc.domain.decision import New
from feedsvc.store import articles, removing, search
from feedsvc.store.engine import Database
from feedsvc.store.search import Scope
from feedsvc.store.tables_search import SEARCH_ENTRY
from tests.store.samples import DAY, HOUR, NOW, add_catalogue, poll

TEXTS = {
    "渡口": "停航三天的渡口今天恢复通航，派出所民警维持秩序。",
    "集市": "集市搬进新棚，派出，所里的人都来了。",
    "iPhone": "失主找回 iPhone 一部，向派出所送来锦旗。",
    "國際": "國際馬拉松明日開跑，交警公佈繞行路線",
}


def draft(title: str, body: str) -> Draft:
    return Draft(
        keys=Keys(guid=title),
        content=Content(title=title, body_html=f"<p>{body}</p>"),
        published_at=NOW,
        published_precision="minute",
        updated_at=NOW,
        source_hash=f"hash of {title}",
    )


@pytest.fixture
def filled(db: Database) -> Database:
    with db.write() as session:
        add_catalogue(session, ["paper", "radio"])
    poll(db, "paper", [New(draft=draft(title, body)) for title, body in TEXTS.items()])
    return db


@pytest.fixture
def desk(filled: Database) -> Desk:
    return Desk(filled, lambda _: None, lambda: NOW + HOUR)


def titles(db: Database, query: str, **scope: Any) -> list[str]:
    limit = scope.pop("limit", 50)
    found = searched(db, query, Scope(**scope), limit=limit)
    return [each.content.title for each in found]


def ids(db: Database, query: str) -> Sequence[int]:
    with db.read() as session:
        return search.search(session, query, Scope()).ids


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("渡口", ["渡口"]),
        ("派出", ["iPhone", "集市", "渡口"]),
        ("派出所", ["iPhone", "渡口"]),
        ("所", ["iPhone", "集市", "渡口"]),
        ("线", ["國際"]),
        ("国际", ["國際"]),
        ("公布绕行", ["國際"]),
        ("IPHONE", ["iPhone"]),
        ("phone", []),
        ("派出所 恢复", ["渡口"]),
        ("“派出所 民警”", []),
        ("没有的词", []),
        ("，", []),
        ('" OR "', []),
    ],
)
def test_what_is_found(filled: Database, query: str, found: list[str]) -> None:
    assert titles(filled, query) == found


def test_scope_and_pages(filled: Database) -> None:
    poll(filled, "radio", [New(draft=draft("电台", "派出所开放日"), status="held")])
    assert titles(filled, "派出所", source="radio") == ["电台"]
    assert titles(filled, "派出所", readable=True) == ["iPhone", "渡口"]
    assert titles(filled, "派出所", status="held") == ["电台"]
    assert titles(filled, "派出所", category="he") == []
    first = titles(filled, "派出所", limit=1)
    assert first == ["电台"]
    with filled.read() as session:
        before = articles.find(session, source="radio")[0].id
    assert titles(filled, "派出所", before_id=before) == ["iPhone", "渡口"]


def test_more_than_one_look(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LOOKED_AT_ONCE", 1)
    assert titles(filled, "派出所") == ["iPhone", "渡口"]


def test_a_correction_replaces_the_words(filled: Database, desk: Desk) -> None:
    index_all(filled)
    [number] = ids(filled, "渡口")
    desk.correct(number, Correction(title="码头", body="码头恢复通航。"), reason="x", actor="e")
    index_all(filled)
    assert list(ids(filled, "码头")) == [number]
    assert list(ids(filled, "渡口")) == []
    assert list(ids(filled, "民警")) == []


def test_a_withdrawn_article_is_not_found_before_the_index_has_heard(
    filled: Database, desk: Desk
) -> None:
    index_all(filled)
    [number] = ids(filled, "渡口")
    desk.withdraw(number, reason="x", actor="e")
    assert list(ids(filled, "渡口")) == []
    index_all(filled)
    assert list(ids(filled, "渡口")) == []
    with filled.read() as session:
        kept = session.execute(select(SEARCH_ENTRY).where(SEARCH_ENTRY.c.article_id == number))
        assert kept.all() == []


def test_nothing_is_lost_when_the_index_is_cut_short(filled: Database) -> None:
    def cut_short() -> None:
        with filled.write() as session:
            assert search.index_due(session, limit=2) == 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        cut_short()
    assert list(ids(filled, "渡口")) == []
    with filled.write() as session:
        assert search.index_due(session, limit=3) == 3
    assert index_some(filled) is False
    assert len(ids(filled, "派出所")) == 2


def test_a_removed_source_leaves_no_words(filled: Database) -> None:
    index_all(filled)
    with filled.write() as session:
        removing.remove_source(session, "paper", NOW + DAY)
    assert list(ids(filled, "渡口")) == []
