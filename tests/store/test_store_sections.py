"""Sections under another name, and sections that have come to an end."""

from __future__ import annotations

import threading

import pytest

from feedsvc.domain.decision import New
from feedsvc.domain.feed import FORMATS, Category
from feedsvc.domain.screening import Condition, Filter
from feedsvc.errors import Conflict, NotFound
from feedsvc.store import (
    catching_up,
    categories,
    documents,
    farewells,
    feeds,
    former_names,
    house,
    outbox,
    sources,
)
from feedsvc.store.changes import PublicChange, log_changes
from feedsvc.store.engine import Database
from tests.store.samples import (
    DAY,
    MINUTE,
    NOW,
    add_catalogue,
    document,
    draft,
    poll,
    source,
    store_new,
)


def rename(db: Database, slug: str, to: str) -> categories.Moved:
    with db.write() as session:
        return categories.rename(session, slug, to, NOW + MINUTE)


def retire(db: Database, slug: str, successor: str | None = None) -> None:
    with db.write() as session:
        farewells.retire(session, slug, reason="改版", successor=successor, now=NOW + MINUTE)


def add_second(db: Database, slug: str = "he") -> None:
    with db.write() as session:
        categories.add(session, Category(slug=slug, title="河边"), NOW)


def test_a_renamed_section_keeps_its_ids_its_articles_and_its_cursors(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
    store_new(db, "paper", ["a", "b"])
    with db.read() as session:
        before = feeds.snapshot(session, "zhen", feeds.Window())
    moved = rename(db, "zhen", "xiang")
    assert moved.logged.feeds == ("all", "corrections", "xiang")
    with db.read() as session:
        after = feeds.snapshot(session, "xiang", feeds.Window())
        assert after.state.guid == before.state.guid
        assert after.cursors == before.cursors
        assert [each.guid for each in after.articles] == [each.guid for each in before.articles]
        assert {each.category for each in after.articles} == {"xiang"}
        assert after.state.cursor > before.state.cursor
        since = catching_up.changed_since(session, "xiang", before.state.cursor, 9)
        assert since.snapshot.articles == ()
        assert sources.get(session, "paper").category == "xiang"
        with pytest.raises(NotFound):
            feeds.state(session, "zhen")
        assert categories.get(session, "zhen").slug == "xiang"
    store_new(db, "paper", ["c"], now=NOW + 2 * MINUTE)
    with db.read() as session:
        assert len(feeds.snapshot(session, "xiang", feeds.Window()).articles) == 3


def test_chains_of_names_lead_to_the_newest_and_back(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
    rename(db, "zhen", "xiang")
    rename(db, "xiang", "cun")
    with db.read() as session:
        assert {former_names.current(session, each) for each in ("zhen", "xiang")} == {"cun"}
        assert former_names.current(session, "cun") is None
    rename(db, "cun", "zhen")
    with db.read() as session:
        assert {former_names.current(session, each) for each in ("cun", "xiang")} == {"zhen"}
        assert former_names.current(session, "zhen") is None


def test_a_name_that_was_used_is_given_to_no_other(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
    add_second(db)
    rename(db, "zhen", "xiang")
    for taken in ("zhen", "xiang", "all", "search"):
        with pytest.raises(Conflict):
            rename(db, "he", taken)
    with db.write() as session, pytest.raises(Conflict, match="former name of xiang"):
        categories.add(session, Category(slug="zhen", title="镇上"), NOW)
    with pytest.raises(NotFound):
        rename(db, "nirgends", "x")


def test_a_change_that_was_decided_under_the_former_name_reaches_the_feed(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
    store_new(db, "paper", ["a"])
    with db.read() as session:
        [article] = feeds.snapshot(session, "zhen", feeds.Window()).articles
    rename(db, "zhen", "xiang")
    change = PublicChange(article_id=article.id, revision=1, kind="updated", category="zhen")
    with db.write() as session:
        logged = log_changes(session, [change], NOW, NOW)
    assert logged.feeds == ("all", "xiang")
    with db.read() as session:
        assert feeds.state(session, "xiang").cursor == logged.cursor


def test_a_draft_that_a_filter_sent_to_the_former_name_arrives(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
        categories.add(session, Category(slug="he", title="河边"), NOW)
    rename(db, "he", "jiang")
    poll(db, "paper", [New(draft=draft("a", category="he"))])
    with db.read() as session:
        [article] = feeds.snapshot(session, "jiang", feeds.Window()).articles
        assert article.category == "jiang"


def test_renaming_and_polling_at_the_same_time_lose_nothing(postgres_db: Database) -> None:
    db = postgres_db
    with db.write() as session:
        add_catalogue(session)
    names = [f"n{number}" for number in range(40)]
    failures: list[BaseException] = []

    def keep_renaming() -> None:
        try:
            for number in range(20):
                rename(db, "zhen" if number % 2 == 0 else "xiang", ("xiang", "zhen")[number % 2])
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    renamer = threading.Thread(target=keep_renaming)
    renamer.start()
    for name in names:
        store_new(db, "paper", [name])
    renamer.join()
    assert failures == []
    with db.read() as session:
        since = catching_up.changed_since(session, "zhen", 0, 99)
        assert len(since.snapshot.articles) == len(names)
        state = feeds.state(session, "zhen")
        assert state.cursor >= max(since.snapshot.cursors.values())


def test_documents_of_the_former_name_are_gone_and_stay_gone(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
        documents.save(session, [document(cursor=0)])
    moved = rename(db, "zhen", "xiang")
    assert {each.path for each in moved.documents} == {f"/feeds/zhen.{each}" for each in FORMATS}
    late = document(cursor=0, text="late")
    with db.write() as session:
        assert documents.save(session, [late]) == []
        [left] = documents.load(session, [("zhen", "rss")])
    assert left.gone
    assert left.body == b""


def test_a_section_is_not_retired_while_sources_fill_it(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session, ("paper", "wire"))
    with pytest.raises(Conflict, match="paper, wire"):
        retire(db, "zhen")
    add_second(db)
    with pytest.raises(Conflict, match="itself"):
        retire(db, "zhen", "zhen")
    with db.write() as session:
        wanted = Filter(
            conditions=(Condition(field="title", pattern="x"),), act="category", category="zhen"
        )
        number = house.add_filter(session, wanted, NOW).id
    with pytest.raises(Conflict, match=f"paper, wire, filter {number}"):
        retire(db, "zhen")
    retire(db, "zhen", "he")
    with db.read() as session:
        assert {sources.get(session, each).category for each in ("paper", "wire")} == {"he"}
        assert [each.category for each in house.filters(session)] == ["he"]
        farewell = feeds.state(session, "zhen").farewell
        assert farewell is not None
        assert (farewell.successor, farewell.successor_title) == ("he", "河边")
        assert [each.slug for each in categories.open_categories(session)] == ["he"]
        assert [each.slug for each in feeds.open_states(session)] == ["all", "corrections", "he"]
    with pytest.raises(Conflict, match="already"):
        retire(db, "zhen", "he")
    with db.write() as session, pytest.raises(Conflict, match="retired"):
        sources.add(session, source("new"), NOW)


def test_a_retired_feed_ends_once_and_its_name_is_not_given_again(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session, ())
        documents.save(session, [document(kind="json", cursor=0)])
    retire(db, "zhen")
    with db.write() as session:
        assert farewells.due(session, NOW) == []
        assert farewells.due(session, NOW + MINUTE) == ["zhen"]
        gone = farewells.end(session, "zhen", NOW + 30 * DAY)
    assert [each.gone for each in gone] == [True] * 3
    with db.write() as session:
        assert farewells.end(session, "zhen", NOW + 31 * DAY) == ()
        assert farewells.due(session, NOW + 99 * DAY) == []
        assert feeds.state(session, "zhen").is_over
        with pytest.raises(Conflict):
            categories.add(session, Category(slug="zhen", title="别的"), NOW)


def test_errands_are_put_for_every_feed_that_names_the_section(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
        for errand in outbox.claim(session, outbox.PUBLISH, NOW, limit=9, seconds=1):
            outbox.settle(session, errand)
    rename(db, "zhen", "xiang")
    with db.write() as session:
        told = outbox.claim(session, outbox.PUBLISH, NOW + DAY, limit=9, seconds=1)
    assert {each.subject for each in told} == {"all", "corrections", "xiang"}
