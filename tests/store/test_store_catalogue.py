from __future__ import annotations

from dataclasses import replace

import pytest

from feedsvc.domain.article import Keys
from feedsvc.domain.decision import Duplicate
from feedsvc.domain.feed import Category
from feedsvc.domain.source import Validators
from feedsvc.errors import Conflict, NotFound
from feedsvc.store import (
    articles,
    categories,
    claims,
    documents,
    feeds,
    hosts,
    outbox,
    removing,
    sources,
)
from feedsvc.store.engine import Database
from feedsvc.store.polls import commit_poll
from tests.store.samples import (
    HOUR,
    MINUTE,
    NOW,
    add_catalogue,
    document,
    draft,
    known_by,
    only,
    outcome,
    poll,
    source,
    store_new,
)


def test_a_category_brings_its_feed_and_asks_for_it_to_be_published(db: Database) -> None:
    wanted = Category(slug="zhen", title="镇上", description="镇上的事")
    with db.write() as session:
        assert categories.add(session, wanted, NOW)
    with db.write() as session:
        assert categories.get(session, "zhen") == replace(
            wanted, id=categories.get(session, "zhen").id, created_at=NOW
        )
        feed = feeds.state(session, "zhen")
        assert (feed.title, feed.description, feed.selection.category) == (
            "镇上",
            "镇上的事",
            "zhen",
        )
        assert (feed.cursor, feed.updated_at) == (0, NOW)
        assert feed.guid.startswith("urn:uuid:")
        (errand,) = outbox.claim(session, outbox.PUBLISH, NOW, limit=9, seconds=1)
        assert (errand.subject, errand.cursor) == ("zhen", 0)


def test_adding_again_is_fine_with_equal_values_only(db: Database) -> None:
    with db.write() as session:
        assert categories.add(session, Category(slug="zhen", title="镇上"), NOW)
        assert not categories.add(session, Category(slug="zhen", title="镇上"), NOW + HOUR)
        with pytest.raises(Conflict, match="other values"):
            categories.add(session, Category(slug="zhen", title="镇外"), NOW)
        assert categories.get(session, "zhen").title == "镇上"


@pytest.mark.parametrize("slug", sorted(categories.RESERVED_SLUGS))
def test_reserved_names_are_refused(sqlite_db: Database, slug: str) -> None:
    with sqlite_db.write() as session, pytest.raises(Conflict, match="reserved"):
        categories.add(session, Category(slug=slug, title="x"), NOW)


def test_the_name_of_another_feed_is_refused(db: Database) -> None:
    with db.write() as session:
        feeds.add(session, slug="zhuanti", category_id=None, titles=("专题", ""), now=NOW)
        with pytest.raises(Conflict, match="a feed has that name"):
            categories.add(session, Category(slug="zhuanti", title="专题"), NOW)


def test_all_categories_in_the_order_of_their_creation(db: Database) -> None:
    with db.write() as session:
        for slug in ("zhen", "an", "he"):
            categories.add(session, Category(slug=slug, title=slug), NOW)
        assert [each.slug for each in categories.all_categories(session)] == ["zhen", "an", "he"]


def test_a_new_title_moves_all_feeds_that_may_show_it(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
        logged = categories.rename_title(session, "zhen", "古镇", NOW + MINUTE)
        assert logged.feeds == ("all", "corrections", "zhen")
        assert categories.get(session, "zhen").title == "古镇"
        for slug in logged.feeds:
            feed = feeds.state(session, slug)
            assert (feed.cursor, feed.updated_at) == (logged.cursor, NOW + MINUTE)
        assert feeds.state(session, "zhen").title == "古镇"
        assert categories.rename_title(session, "zhen", "古镇", NOW + HOUR).feeds == ()
        with pytest.raises(NotFound):
            categories.rename_title(session, "nirgends", "x", NOW)


def test_the_builtin_feeds_are_made_once(db: Database) -> None:
    with db.write() as session:
        feeds.ensure_builtin(session, NOW)
        guid = feeds.state(session, "all").guid
        feeds.ensure_builtin(session, NOW + HOUR)
        feed, corrections = feeds.states(session)
        assert corrections.slug == "corrections"
        assert corrections.selection.corrections
        assert (feed.slug, feed.guid, feed.selection.category, feed.updated_at) == (
            "all",
            guid,
            None,
            NOW,
        )


def test_what_is_not_there_is_not_found(db: Database) -> None:
    with db.write() as session:
        for look in (categories.get, feeds.state, sources.get, sources.state):
            with pytest.raises(NotFound):
                look(session, "nirgends")
        with pytest.raises(NotFound):
            feeds.snapshot(session, "nirgends", feeds.Window())
        with pytest.raises(NotFound):
            sources.set_paused(session, "nirgends", paused=True, now=NOW)
        with pytest.raises(NotFound):
            claims.claim_one(session, "nirgends", NOW, seconds=1)


def test_a_source_comes_back_as_it_was_given_and_is_due_at_once(db: Database) -> None:
    wanted = replace(
        source("paper"),
        kind="list",
        policy="review",
        every_seconds=60,
        timezone="Europe/Berlin",
        charset="gb18030",
        rules={"list": {"items": "ul.news > li"}, "page": {"remove": [".ad", ".nav"]}},
        demo=True,
    )
    with db.write() as session:
        categories.add(session, Category(slug="zhen", title="镇上"), NOW)
        assert sources.add(session, wanted, NOW)
        stored = sources.get(session, "paper")
        assert stored == replace(wanted, id=stored.id, created_at=NOW)
        assert sources.all_sources(session) == [stored]
        state = sources.state(session, "paper")
        assert (state.due_at, state.lease_expires_at, state.failures) == (NOW, None, 0)


def test_a_source_of_an_unknown_category_is_refused(db: Database) -> None:
    with db.write() as session, pytest.raises(NotFound, match="category nirgends"):
        sources.add(session, source("paper", category="nirgends"), NOW)


def test_adding_a_source_again(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
        assert not sources.add(session, source("paper"), NOW + HOUR)
        sources.settle_kind(session, sources.get(session, "paper").id, "list")
        sources.set_paused(session, "paper", paused=True, now=NOW)
        assert not sources.add(session, source("paper"), NOW)
        for other in (
            replace(source("paper"), kind="feed"),
            replace(source("paper"), url="https://other.example/"),
            replace(source("paper"), rules={"list": {"items": "li"}}),
        ):
            with pytest.raises(Conflict):
                sources.add(session, other, NOW)


def test_a_kind_that_an_operator_gave_stays(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
        paper = sources.get(session, "paper")
        sources.settle_kind(session, paper.id, "feed")
        sources.settle_kind(session, paper.id, "list")
        assert sources.get(session, "paper").kind == "feed"


def test_a_paused_source_is_not_claimed_and_is_due_when_it_goes_on(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
        sources.set_paused(session, "paper", paused=True, now=NOW)
        assert sources.get(session, "paper").paused
        assert claims.claim_due(session, NOW + HOUR, limit=9, seconds=1) == []
        sources.set_paused(session, "paper", paused=False, now=NOW + HOUR)
        (claim,) = claims.claim_due(session, NOW + HOUR, limit=9, seconds=1)
        assert not claim.source.paused


def test_feeds_are_listed_with_where_they_stand(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
    changes = store_new(db, "paper", ["a", "b"], now=NOW + MINUTE)
    with db.read() as session:
        assert {each.slug: (each.cursor, each.updated_at) for each in feeds.states(session)} == {
            "all": (changes.cursor, NOW + MINUTE),
            "corrections": (0, NOW),
            "zhen": (changes.cursor, NOW + MINUTE),
        }


def test_slots_are_spaced_per_domain(db: Database) -> None:
    def reserve(domain: str, seconds: float) -> float:
        with db.write() as session:
            slot = hosts.reserve_slot(session, domain, NOW + seconds * MINUTE / 60, 1.5)
        return (slot - NOW).total_seconds()

    assert reserve("a.example", 0) == 0
    assert reserve("a.example", 0) == 1.5
    assert reserve("a.example", 1) == 3
    assert reserve("b.example", 1) == 1
    assert reserve("a.example", 100) == 100
    assert reserve("a.example", 50) == 101.5


def test_slots_for_many_are_booked_one_after_the_other_and_none_beyond_the_limit(
    db: Database,
) -> None:
    domains = ["a.example", "b.example", *["a.example"] * 4]
    with db.write() as session:
        slots = hosts.reserve_slots(session, domains, NOW, spacing=2, within=5)
        found = [((at - NOW).total_seconds(), booked) for at, booked in slots]
        assert found == [
            (0, True), (0, True), (2, True), (4, True), (3.5, False), (3.5, False),
        ]  # fmt: skip
        # What was not booked left the queue as it was.
        assert (hosts.reserve_slot(session, "a.example", NOW, 2) - NOW).total_seconds() == 6


def test_a_source_that_moves_is_asked_anew_at_once(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session)
        (claim,) = claims.claim_due(session, NOW, limit=9, seconds=60)
        seen = replace(outcome(claim), validators=Validators(etag="e", body_hash="b"))
        commit_poll(session, seen, NOW, 0)
        sources.relocate(session, "paper", claim.source.url, NOW)
        assert sources.state(session, "paper").due_at == NOW + HOUR
        sources.relocate(session, "paper", "https://moved.example/", NOW + MINUTE)
        (again,) = claims.claim_due(session, NOW + MINUTE, limit=9, seconds=60)
        assert again.source.url == "https://moved.example/"
        assert again.validators == Validators()
        with pytest.raises(NotFound):
            sources.relocate(session, "nirgends", "https://x.example/", NOW)


def test_a_title_that_the_document_bears_is_kept_where_the_operator_gave_none(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session, ["paper"])
        nameless = replace(source("radio"), title="")
        sources.add(session, nameless, NOW)
        for claim in claims.claim_due(session, NOW, limit=9, seconds=60):
            commit_poll(session, replace(outcome(claim), settled_title="渡口电台"), NOW, 0)
        assert sources.get(session, "paper").title == "paper 报"
        assert sources.get(session, "radio").title == "渡口电台"
        assert not sources.add(session, nameless, NOW)


def test_a_source_without_a_title_goes_by_its_slug_in_articles(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session, [])
        sources.add(session, replace(source("radio"), title=""), NOW)
    store_new(db, "radio", ["a"])
    with db.read() as session:
        assert only(session).source_title == "radio"


def test_a_removed_source_leaves_nothing_and_nobody_else_loses_anything(db: Database) -> None:
    with db.write() as session:
        add_catalogue(session, ["paper", "radio"])
    store_new(db, "paper", ["p"])
    store_new(db, "radio", ["r"])
    with db.read() as session:
        known = known_by(session, "radio", Keys(guid="r"))
        paper = articles.find(session, source="paper")
        before = feeds.state(session, "zhen").cursor
    poll(db, "paper", [Duplicate(draft=draft("r", url="https://x.example/r"), known=known)])
    with db.write() as session:
        documents.save(session, [document("zhen", cursor=before)])
        changes = removing.remove_source(session, "radio", NOW + HOUR)
        assert changes.feeds == ("all", "corrections", "zhen")
        assert feeds.state(session, "zhen").cursor > before
        assert articles.find(session) == paper
        assert [each.slug for each in sources.all_sources(session)] == ["paper"]
        assert len(documents.editions(session)) == 1
        removing.remove_source(session, "paper", NOW + HOUR)
        assert articles.find(session) == []
        assert documents.editions(session) == {}
        with pytest.raises(NotFound):
            removing.remove_source(session, "paper", NOW)
