"""Filters and words as kept: their order, their names, and what goes with a removed source."""

from __future__ import annotations

import pytest

from feedsvc.domain.screening import Condition, Filter, HouseWord, Rewrite
from feedsvc.errors import NotFound
from feedsvc.store import house, sources
from feedsvc.store.engine import Database
from feedsvc.store.removing import remove_source
from tests.store.samples import NOW, add_catalogue

BLOCK = Filter(conditions=(Condition(field="title", pattern="招聘*"),), act="block", note="启事")


@pytest.fixture
def stocked(db: Database) -> Database:
    with db.write() as session:
        add_catalogue(session)
    return db


def test_filters_come_back_in_their_order(stocked: Database) -> None:
    rewrite = Rewrite(field="title", find="甲", replace="乙")
    wanted = [
        BLOCK,
        Filter(source="paper", act="category", category="zhen"),
        Filter(source="paper", act="rewrite", rewrite=rewrite),
    ]
    with stocked.write() as session:
        stored = [house.add_filter(session, each, NOW) for each in wanted]
        assert [each.id for each in stored] == sorted(each.id for each in stored)
        assert house.filters(session) == stored
        for given, kept in zip(wanted, stored, strict=True):
            assert (kept.conditions, kept.act, kept.rewrite, kept.note) == (
                given.conditions, given.act, given.rewrite, given.note,
            )  # fmt: skip
        assert (stored[1].source, stored[1].category) == ("paper", "zhen")
        house.remove_filter(session, stored[1].id)
        assert house.filters(session) == [stored[0], stored[2]]
        with pytest.raises(NotFound):
            house.remove_filter(session, stored[1].id)


@pytest.mark.parametrize(
    "wanted", [Filter(source="nobody", act="hold"), Filter(act="category", category="nowhere")]
)
def test_a_filter_for_something_unknown_is_refused(stocked: Database, wanted: Filter) -> None:
    with stocked.write() as session, pytest.raises(NotFound):
        house.add_filter(session, wanted, NOW)


def test_a_source_gets_its_own_filters_and_those_for_all(stocked: Database) -> None:
    with stocked.write() as session:
        everyone = house.add_filter(session, BLOCK, NOW)
        mine = house.add_filter(session, Filter(source="paper", act="hold"), NOW)
        source = sources.get(session, "paper")
        assert house.load(session, source.id).filters == (everyone, mine)
        assert house.load(session, source.id + 1).filters == (everyone,)
        remove_source(session, "paper", NOW)
        assert house.filters(session) == [everyone]


def test_words_are_kept_once_with_their_last_advice(stocked: Database) -> None:
    with stocked.write() as session:
        assert house.put_words(session, [], NOW) == 0
        assert house.put_words(session, [HouseWord(text="甲地"), HouseWord(text="乙地")], NOW) == 2
        again = HouseWord(text="甲地", kind="name", advice="甲市")
        assert house.put_words(session, [again, again], NOW) == 0
        assert [(word.text, word.kind, word.advice) for word in house.words(session)] == [
            ("甲地", "name", "甲市"),
            ("乙地", "form", ""),
        ]
        house.remove_word(session, "乙地")
        with pytest.raises(NotFound):
            house.remove_word(session, "乙地")
