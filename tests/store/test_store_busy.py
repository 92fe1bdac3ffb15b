"""Every public function of the store says `StoreBusy` where the database is locked."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from types import ModuleType

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedsvc.domain.article import Keys
from feedsvc.domain.cluster import Place, Print
from feedsvc.domain.decision import New, Referred
from feedsvc.domain.feed import Category, FeedState, Selection
from feedsvc.domain.layout import Layout
from feedsvc.domain.page import Page, PagesSeen
from feedsvc.domain.picture import Raster
from feedsvc.domain.release import Release
from feedsvc.domain.response import KeptResponse
from feedsvc.domain.source import Claim
from feedsvc.errors import StoreBusy
from feedsvc.store import (
    articles,
    batches,
    candidates,
    catching_up,
    categories,
    changes,
    chores,
    claims,
    clusters,
    cursor,
    documents,
    farewells,
    feeds,
    fingerprints,
    former_names,
    found,
    hosts,
    imports,
    kin,
    labels,
    layouts,
    outbox,
    paces,
    pages,
    picture_claims,
    picture_use,
    pictures,
    pins,
    polls,
    regrouping,
    releases,
    removing,
    responses,
    runs,
    schema,
    search,
    selections,
    sitemap,
    sources,
)
from feedsvc.store.engine import Database
from feedsvc.store.options import StoreOptions
from feedsvc.store.tables import ARTICLE
from tests.publish.stored import article
from tests.store.samples import NOW, content, document, draft, known_article, outcome, source

CLAIM = Claim(source=source("paper"), lease=1, expires_at=NOW)
ERRAND = outbox.Errand(id=1, topic="publish", subject="zhen", cursor=1, lease=1)
REVISION = articles.NewRevision(
    content=content("x"), status="live", reason="", actor="a", kind="updated", edited_fields=()
)
REFERRED = Referred(draft=draft("a"), known=known_article(), kind="withdrawn")
PAGES = PagesSeen(looked_at=(Page(link="https://x.example/1.html"),))
NAMED = {1: ("https://x.example/a.jpg",)}
WANTED = picture_claims.WantedPicture(
    id=1,
    url="https://x.example/a.jpg",
    domain="x.example",
    tries=0,
    lease=1,
    referer=None,
    demo=False,
)
FILE = picture_claims.KeptFile(
    name="0f", raster=Raster(media_type="image/png", width=8, height=6), length=9
)
ILLUSTRATED = article(1, replace(content("x"), body_html='<img src="https://x.example/a.jpg">'))
PUBLIC_CHANGE = changes.PublicChange(article_id=1, revision=1, kind="new", category="zhen")
PLACED = Place(print=Print(grams=1, hashes=(1,), mark=1), cluster=1)
LABELLING = labels.Labelling(added=(), changed=(), known=(), corrected=True)
ACT = clusters.Act(act="merged", reason="x", actor="editor:li", now=NOW)
RESPONSE = KeptResponse(
    asked_url="https://a.example/", url="https://a.example/", kind="feed", fetched_at=NOW,
    body_hash="a", size=1, stored_size=1,
)  # fmt: skip
STATE = FeedState(
    slug="zhen",
    guid="urn:x",
    title="镇上",
    description="",
    selection=Selection(category="zhen"),
    cursor=1,
    updated_at=NOW,
)
RELEASE_AT = Release(article_id=1, at=NOW, approved=True, actor="a")
MODULES = (
    articles, batches, candidates,
    catching_up, categories, changes, chores, claims, clusters, cursor, documents,
    farewells, feeds, fingerprints, former_names, found, hosts, imports, kin, labels, layouts, outbox,
    paces, pages, picture_claims, picture_use, pictures, pins, polls, regrouping, releases, removing,
    responses, runs,
    search,
    selections, sitemap, sources,
)  # fmt: skip

CALLS: dict[str, Callable[[Session], object]] = {
    "articles.count": lambda s: articles.count(s, 1),
    "articles.find": articles.find,
    "articles.get": lambda s: articles.get(s, 1),
    "articles.known": lambda s: articles.known(s, 1, [Keys(guid="a")]),
    "articles.known_links": lambda s: articles.known_links(s, 1, ["https://x.example/"]),
    "articles.latest": lambda s: articles.latest(s, limit=1),
    "articles.revise": lambda s: articles.revise(s, 1, REVISION, NOW),
    "articles.revisions": lambda s: articles.revisions(s, 1),
    "batches.commit_batch": lambda s: batches.commit_batch(
        s, CLAIM.source, [], batches.Terms(now=NOW)
    ),
    "clusters.appearances": lambda s: clusters.appearances(s, 1),
    "clusters.bereft": clusters.bereft,
    "clusters.clusters_of": lambda s: clusters.clusters_of(s, [1]),
    "clusters.dissolve": lambda s: clusters.dissolve(s, select(ARTICLE.c.id)),
    "clusters.enter": lambda s: clusters.enter(s, {1: 1}, ()),
    "clusters.history": lambda s: clusters.history(s, 1),
    "clusters.join": lambda s: clusters.join(s, {1: PLACED}, ACT),
    "clusters.latest": clusters.latest,
    "clusters.leave": lambda s: clusters.leave(s, [1]),
    "clusters.note": lambda s: clusters.note(s, {1: 1}, ACT),
    "clusters.set_shown": lambda s: clusters.set_shown(s, [1], shown=True),
    "clusters.turn_up": lambda s: clusters.turn_up(s, [1], []),
    "fingerprints.alike_to": lambda s: fingerprints.alike_to(s, 1),
    "fingerprints.neighbourhood": lambda s: fingerprints.neighbourhood(s, 1, [PLACED.print]),
    "fingerprints.renew": lambda s: fingerprints.renew(s, {1: (1, PLACED.print)}),
    "fingerprints.save": lambda s: fingerprints.save(s, {1: PLACED}, 1),
    "kin.read": lambda s: kin.read(s, 1),
    "regrouping.merge": lambda s: regrouping.merge(s, [1, 2], None, ACT),
    "regrouping.split": lambda s: regrouping.split(s, 1, ACT),
    "candidates.find": candidates.find,
    "candidates.get": lambda s: candidates.get(s, 1),
    "candidates.keep": lambda s: candidates.keep(s, [REFERRED], 1, NOW),
    "candidates.open_kinds": lambda s: candidates.open_kinds(s, 1),
    "candidates.settle": lambda s: candidates.settle(s, 1, "accepted", actor="a", now=NOW),
    "categories.add": lambda s: categories.add(s, Category(slug="he", title="河边"), NOW),
    "categories.all_categories": categories.all_categories,
    "categories.get": lambda s: categories.get(s, "zhen"),
    "categories.get_open": lambda s: categories.get_open(s, "zhen"),
    "categories.is_known": lambda s: categories.is_known(s, "zhen"),
    "categories.open_categories": categories.open_categories,
    "categories.rename": lambda s: categories.rename(s, "zhen", "x", NOW),
    "categories.rename_title": lambda s: categories.rename_title(s, "zhen", "x", NOW),
    "changes.log_changes": lambda s: changes.log_changes(s, [PUBLIC_CHANGE], NOW, NOW),
    "changes.sections": lambda s: changes.sections(s, {"zhen"}),
    "changes.log_relabelling": lambda s: changes.log_relabelling(s, ["zhen"], NOW, NOW),
    "chores.claim": lambda s: chores.claim(s, "prune", NOW, seconds=1),
    "chores.finish": lambda s: chores.finish(s, "prune", 1, NOW),
    "claims.claim_due": lambda s: claims.claim_due(s, NOW, limit=1, seconds=1),
    "claims.claim_one": lambda s: claims.claim_one(s, "paper", NOW, seconds=1),
    "claims.release": lambda s: claims.release(s, CLAIM, NOW),
    "claims.renew": lambda s: claims.renew(s, CLAIM, NOW, seconds=1),
    "cursor.allot": lambda s: cursor.allot(s, 1),
    "cursor.latest": cursor.latest,
    "documents.editions": documents.editions,
    "documents.put_away": lambda s: documents.put_away(s, "zhen", 1, NOW),
    "documents.load": lambda s: documents.load(s, [("zhen", "rss")]),
    "documents.save": lambda s: documents.save(s, [document()]),
    "catching_up.changed_since": lambda s: catching_up.changed_since(s, "zhen", 0, 9),
    "catching_up.changes_after": lambda s: catching_up.changes_after(s, 0, 9),
    "catching_up.ids_between": lambda s: catching_up.ids_between(s, "zhen", NOW, NOW),
    "catching_up.places": lambda s: catching_up.places(s, "zhen", {1}),
    "catching_up.newest_before": lambda s: catching_up.newest_before(s, "zhen", NOW),
    "catching_up.month": lambda s: catching_up.month(s, "zhen", NOW, NOW, part=1, size=9),
    "catching_up.older_than": lambda s: catching_up.older_than(s, "zhen", 1, 9),
    "feeds.add": lambda s: feeds.add(s, slug="x", category_id=None, titles=("", ""), now=NOW),
    "feeds.ensure_builtin": lambda s: feeds.ensure_builtin(s, NOW),
    "feeds.snapshot": lambda s: feeds.snapshot(s, "zhen", feeds.Window()),
    "feeds.snapshot_of": lambda s: feeds.snapshot_of(s, STATE, {1}),
    "feeds.state": lambda s: feeds.state(s, "zhen"),
    "feeds.states": feeds.states,
    "feeds.open_states": feeds.open_states,
    "feeds.standing": lambda s: feeds.standing(s, "zhen"),
    "feeds.set_content": lambda s: feeds.set_content(s, "zhen", "full", 1),
    "articles.revise_several": lambda s: articles.revise_several(s, {1: REVISION}, NOW),
    "releases.drop": lambda s: releases.drop(s, [1]),
    "releases.follow": lambda s: releases.follow(s, {1: NOW}, "a"),
    "releases.is_due": lambda s: releases.is_due(s, NOW),
    "releases.of": lambda s: releases.of(s, [1]),
    "releases.put": lambda s: releases.put(s, RELEASE_AT),
    "releases.scheduled": lambda s: releases.scheduled(s, 9),
    "releases.take_due": lambda s: releases.take_due(s, NOW, 9),
    "pins.add": lambda s: pins.add(s, "zhen", 1, 1, NOW),
    "pins.is_kept": lambda s: pins.is_kept(s, "zhen", 1),
    "pins.of": lambda s: pins.of(s, "zhen"),
    "pins.remove": lambda s: pins.remove(s, "zhen", 1),
    "farewells.due": lambda s: farewells.due(s, NOW),
    "farewells.end": lambda s: farewells.end(s, "zhen", NOW),
    "farewells.retire": lambda s: farewells.retire(s, "zhen", reason="x", successor=None, now=NOW),
    "former_names.current": lambda s: former_names.current(s, "zhen"),
    "former_names.leave": lambda s: former_names.leave(s, 1, "zhen", "x", NOW),
    "former_names.owner": lambda s: former_names.owner(s, "zhen"),
    "former_names.require_unused": lambda s: former_names.require_unused(s, "zhen"),
    "feeds.touch": lambda s: feeds.touch(s, {"zhen": 1}, NOW),
    "found.found_ids": lambda s: found.found_ids(s, Selection(words="夜巡"), 1),
    "found.snapshot": lambda s: found.snapshot(s, Selection(words="夜巡"), 1, "?q=x"),
    "hosts.next_slot": lambda s: hosts.next_slot(s, "x.example", NOW, 1),
    "hosts.reserve_slot": lambda s: hosts.reserve_slot(s, "x.example", NOW, 1),
    "imports.finish": lambda s: imports.finish(s, 1, "a"),
    "imports.position": lambda s: imports.position(s, 1, "a"),
    "imports.reach": lambda s: imports.reach(s, 1, "a", 1, NOW),
    "hosts.reserve_slots": lambda s: hosts.reserve_slots(
        s, ["x.example"], NOW, spacing=1, within=1
    ),
    "labels.forget": lambda s: labels.forget(s, select(ARTICLE.c.id), "paper", 1),
    "labels.last_correction": labels.last_correction,
    "labels.move": lambda s: labels.move(s, LABELLING, {1: 1}, NOW),
    "labels.prepare": lambda s: labels.prepare(s, {1: None}, [2], NOW),
    "labels.state": lambda s: labels.state(s, "tag", "x"),
    "layouts.get": lambda s: layouts.get(s, 1),
    "layouts.keep": lambda s: layouts.keep(s, 1, Layout()),
    "layouts.known_names": lambda s: layouts.known_names(s, 1),
    "layouts.listed_links": lambda s: layouts.listed_links(s, 1),
    "outbox.claim": lambda s: outbox.claim(s, "publish", NOW, limit=1, seconds=1),
    "outbox.pending": lambda s: outbox.pending(s, "publish"),
    "outbox.put": lambda s: outbox.put(s, "publish", "zhen", 1, NOW),
    "outbox.put_all": lambda s: outbox.put_all(s, "publish", {"zhen": 1}, NOW),
    "outbox.settle": lambda s: outbox.settle(s, ERRAND),
    "polls.origin_of": lambda s: polls.origin_of(s, CLAIM.source, [], NOW),
    "paces.pace": lambda s: paces.pace(s, Selection()),
    "pages.due": lambda s: pages.due(s, 1, listed=None, skipped=(), now=NOW),
    "pages.keep": lambda s: pages.keep(s, 1, PAGES, NOW),
    "picture_claims.any_due": lambda s: picture_claims.any_due(s, NOW),
    "picture_claims.claim": lambda s: picture_claims.claim(s, NOW, seconds=1),
    "picture_claims.keep": lambda s: picture_claims.keep(s, WANTED, FILE, NOW, NOW),
    "picture_claims.postpone": lambda s: picture_claims.postpone(s, WANTED, NOW),
    "picture_claims.refuse": lambda s: picture_claims.refuse(s, WANTED, "timeout", NOW),
    "picture_use.set_use": lambda s: picture_use.set_use(s, "paper", "drop", NOW),
    "pictures.forget_unnamed": lambda s: pictures.forget_unnamed(s, NOW),
    "pictures.illustrated": lambda s: pictures.illustrated(s, [ILLUSTRATED]),
    "pictures.known_names": lambda s: pictures.known_names(s, ["0f"]),
    "pictures.names_of": lambda s: pictures.names_of(s, [1]),
    "pictures.note_new": lambda s: pictures.note_new(s, NAMED, NOW),
    "pictures.note_revised": lambda s: pictures.note_revised(s, NAMED, NOW),
    "pictures.of_article": lambda s: pictures.of_article(s, 1),
    "pictures.shown_names": lambda s: pictures.shown_names(s, ["0f"]),
    "polls.commit_poll": lambda s: polls.commit_poll(
        s, outcome(CLAIM, [New(draft=draft("a"))]), NOW, 0
    ),
    "polls.commit_unchanged": lambda s: polls.commit_unchanged(s, [outcome(CLAIM)]),
    "removing.remove_source": lambda s: removing.remove_source(s, "paper", NOW),
    "responses.note_all": lambda s: responses.note_all(s, 1, [RESPONSE]),
    "responses.of_source": lambda s: responses.of_source(s, 1),
    "responses.prune_above": lambda s: responses.prune_above(s, 1),
    "responses.prune_older": lambda s: responses.prune_older(s, NOW),
    "responses.unknown_bodies": lambda s: responses.unknown_bodies(s, ["a"]),
    "runs.latest": lambda s: runs.latest(s, "paper"),
    "runs.latest_each": runs.latest_each,
    "runs.prune": lambda s: runs.prune(s, NOW, after_id=0, limit=1),
    "runs.record_all": lambda s: runs.record_all(s, [(1, outcome(CLAIM).run)]),
    "runs.record": lambda s: runs.record(s, 1, outcome(CLAIM).run),
    "search.forget": lambda s: search.forget(s, [1]),
    "search.index_due": search.index_due,
    "search.note": lambda s: search.note(s, [1]),
    "search.search": lambda s: search.search(s, "渡口", search.Scope()),
    "sitemap.addresses": lambda s: sitemap.addresses(s, 1),
    "sitemap.changed_parts": lambda s: sitemap.changed_parts(s, 0),
    "sitemap.last_part": sitemap.last_part,
    "sitemap.newest_update": lambda s: sitemap.newest_update(s, 1),
    "sitemap.news": sitemap.news,
    "articles.by_ids": lambda s: articles.by_ids(s, [1]),
    "selections.belonging": lambda s: selections.belonging(s, Selection(), {1}),
    "sources.add": lambda s: sources.add(s, source("paper"), NOW),
    "sources.all_sources": sources.all_sources,
    "sources.get": lambda s: sources.get(s, "paper"),
    "sources.relocate": lambda s: sources.relocate(s, "paper", "https://x.example/", NOW),
    "sources.set_rules": lambda s: sources.set_rules(s, "paper", {}, NOW),
    "sources.set_paused": lambda s: sources.set_paused(s, "paper", paused=True, now=NOW),
    "sources.polled_at": lambda s: sources.polled_at(s, ["http://a.example/"]),
    "sources.settle_discovery": lambda s: sources.settle_discovery(s, 1, source("paper")),
    "sources.settle_kind": lambda s: sources.settle_kind(s, 1, "feed"),
    "sources.settle_title": lambda s: sources.settle_title(s, 1, "x"),
    "sources.state": lambda s: sources.state(s, "paper"),
}


def public_functions(module: ModuleType) -> Iterator[str]:
    """The functions that a module offers and that take a session."""
    noun = module.__name__.rpartition(".")[2]
    offered = getattr(module, "__all__", None)
    for name, function in inspect.getmembers(module, inspect.isfunction):
        own = function.__module__ == module.__name__ if offered is None else name in offered
        first = next(iter(inspect.signature(function).parameters), None)
        if own and not name.startswith("_") and first == "session":
            yield f"{noun}.{name}"


def test_every_public_function_is_called_below() -> None:
    assert {name for module in MODULES for name in public_functions(module)} == set(CALLS)


@contextmanager
def locked(db: Database) -> Iterator[Database]:
    """Lock everything from outside, as a backup or a stuck process would; yield a hasty Database."""
    db.dispose()
    hasty = Database(StoreOptions(url=db.options.url, busy_seconds=0.01))
    lock = lock_sqlite if db.dialect == "sqlite" else lock_postgres
    try:
        with lock(db.options.url):
            yield hasty
    finally:
        hasty.dispose()


@contextmanager
def lock_sqlite(url: str) -> Iterator[None]:
    # In WAL mode a mere writer does not keep readers out; an exclusive connection does.
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("CREATE TABLE in_the_way (x)")
        yield
        other.execute("ROLLBACK")


@contextmanager
def lock_postgres(url: str) -> Iterator[None]:
    with psycopg.connect(url.replace("+psycopg", "")) as other:
        tables = other.execute(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        names = ", ".join(name for (name,) in tables)
        other.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE".encode())
        yield
        other.rollback()


def test_every_function_is_busy_where_all_is_locked(db: Database) -> None:
    """In one test, because locking costs more than the calls; the names of failures are reported."""
    escaped: dict[str, object] = {}
    with locked(db) as hasty:
        for name, call in CALLS.items():
            for transaction in (hasty.read, hasty.write):
                try:
                    with transaction() as session:
                        call(session)
                except StoreBusy:
                    continue
                except Exception as error:  # noqa: BLE001 - whatever else comes is the finding
                    escaped[name] = error
                else:
                    escaped[name] = "no error"
    if db.dialect == "postgresql":
        # PostgreSQL refuses a write in a reading transaction before it looks at locks.
        escaped = {name: error for name, error in escaped.items() if "read-only" not in str(error)}
    assert escaped == {}


@pytest.mark.parametrize("act", [schema.check, schema.require_current, schema.upgrade])
def test_the_schema_is_busy_too(db: Database, act: Callable[[Database], object]) -> None:
    with locked(db) as hasty, pytest.raises(StoreBusy):
        act(hasty)
