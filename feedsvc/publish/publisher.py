"""The way out: assemble → render → check → store → shelf, one feed at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import structlog

from feedsvc.domain.feed import FORMATS, Feed, FeedDocument, Format, Site
from feedsvc.errors import FeedsvcError, Gone, NotFound, RenderError
from feedsvc.publish.assemble import assemble
from feedsvc.publish.documents import edition_of, make_document
from feedsvc.publish.gate import pass_gate
from feedsvc.render.fragments import Fragments
from feedsvc.store import documents, feeds, outbox
from feedsvc.store.engine import Database
from feedsvc.store.feeds import Window
from feedsvc.store.outbox import Errand
from feedsvc.store.shelf import Shelf

# Never fewer than 50 entries, and all of two days, so that nobody misses a burst.
WINDOW = Window(least=50, hours=48, most=200)
# Publishing a feed takes a tenth of a second; who dies with errands gives them back after the lease.
ERRANDS_AT_ONCE = 5
LEASE_SECONDS = 15
_LOADED_AT_ONCE = 12

log = structlog.get_logger()


class Publisher:
    """Makes feed documents of what is stored and puts them where readers are served from.

    Safe to call from several threads, processes and machines at once: a document is replaced only
    by one of the same or a later cursor, in the database and on the shelf. A death at any moment
    loses nothing: what is stored but not shelved is shelved by the errand's next bearer or by
    `sync_shelf`.
    """

    def __init__(
        self,
        db: Database,
        shelf: Shelf,
        site: Site,
        *,
        fragments: Fragments | None = None,
        followed_by: Callable[[Sequence[str]], None] | None = None,
    ) -> None:
        self._db = db
        self._shelf = shelf
        self._site = site
        self._edition = edition_of(site)
        self._fragments = fragments or Fragments(site)
        # Told which feeds have been published, before their errands are settled.
        self._followed_by = followed_by

    def publish(self, slugs: Iterable[str]) -> list[str]:
        """Publish these feeds; returns the slugs that failed, whose last good documents stay."""
        wanted = list(dict.fromkeys(slugs))
        failed = [slug for slug in wanted if not self._survives(slug)]
        published = [slug for slug in wanted if slug not in failed]
        if self._followed_by is not None and published:
            self._followed_by(published)
        return failed

    def publish_due(self, now: datetime) -> int:
        """Claim the errands that are due, publish their feeds and settle them; returns how many.

        A failed feed's errand stays leased, so that it comes again when the lease has expired.
        """
        published = 0
        while errands := self._claim(now):
            failed = set(self.publish(errand.subject for errand in errands))
            done = [errand for errand in errands if errand.subject not in failed]
            with self._db.write() as session:
                for errand in done:
                    outbox.settle(session, errand)
            published += len(done)
        return published

    def refresh(self, now: datetime) -> list[str]:
        """Bring everything up to date, as at a start; returns the slugs that failed.

        The shelf gets the last good documents first, so that readers wait for nothing; then feeds
        are published whose documents are missing, behind, or of another edition, and what is due.
        """
        self.sync_shelf()
        with self._db.read() as session:
            states = feeds.states(session)
            stored = documents.editions(session)
        current = {
            (slug, fmt): cursor
            for (slug, fmt), (cursor, _, edition) in stored.items()
            if edition == self._edition
        }
        stale = [
            state.slug
            for state in states
            if not state.is_over
            and any(current.get((state.slug, fmt), -1) < state.cursor for fmt in FORMATS)
        ]
        failed = self.publish(stale)
        self.publish_due(now)
        return failed

    def sync_shelf(self) -> int:
        """Put on the shelf what the database has and the shelf lacks or has older; returns how many."""
        with self._db.read() as session:
            stored = documents.editions(session)
        shelved = self._shelf.index()
        lacking = sorted(
            key
            for key, (cursor, etag, _) in stored.items()
            if key not in shelved
            or shelved[key][0] < cursor
            or (shelved[key][0] == cursor and shelved[key][1] != etag)
        )
        for start in range(0, len(lacking), _LOADED_AT_ONCE):
            with self._db.read() as session:
                loaded = documents.load(session, lacking[start : start + _LOADED_AT_ONCE])
            self._shelf.put(loaded)
        if lacking:
            log.info("shelf synced", documents=len(lacking))
        return len(lacking)

    def _claim(self, now: datetime) -> list[Errand]:
        with self._db.write() as session:
            return outbox.claim(
                session, outbox.PUBLISH, now, limit=ERRANDS_AT_ONCE, seconds=LEASE_SECONDS
            )

    def _survives(self, slug: str) -> bool:
        try:
            self._publish_one(slug)
        except NotFound as error:
            # The feed is gone: there is nothing left to publish, now or later.
            log.warning("feed gone", feed=slug, cause=error.cause)
        except FeedsvcError as error:
            log.warning("publish failed", feed=slug, kind=error.kind, cause=error.cause)
            return False
        except Exception:  # loop edge: one feed's failure never harms another
            log.exception("publish failed", feed=slug, kind="unexpected")
            return False
        return True

    def _publish_one(self, slug: str) -> None:
        with self._db.read() as session:
            snapshot = feeds.snapshot(session, slug, WINDOW)
        if snapshot.state.is_over:
            raise Gone(f"feed {slug}", "is retired")
        feed = assemble(snapshot, self._site)
        # Where the last correction is taken back there are none.
        if not feed.entries and not snapshot.state.selection.corrections:
            self._require_always_empty(slug)
        # Rendering holds no transaction: another writer may overtake us, and then its documents stay.
        finished = [self._finished(feed, fmt) for fmt in FORMATS]
        with self._db.write() as session:
            stored = documents.save(session, finished)
        self._shelf.put(stored)
        log.info(
            "published",
            feed=slug,
            cursor=feed.cursor,
            entries=len(feed.entries),
            documents=len(stored),
        )

    def _finished(self, feed: Feed, fmt: Format) -> FeedDocument:
        passed = pass_gate(feed, fmt, self._fragments)
        for entry in passed.quarantined:
            log.error(
                "entry quarantined", feed=feed.slug, format=fmt, guid=entry.guid, url=entry.url
            )
        return make_document(passed, fmt, self._edition)

    def _require_always_empty(self, slug: str) -> None:
        """A feed that has shown something never turns empty by itself: that would be our mistake."""
        with self._db.read() as session:
            last = documents.load(session, [(slug, "json")])
        shown = sum(
            len(json.loads(document.body)["items"]) for document in last if not document.gone
        )
        if shown:
            raise RenderError(slug, f"would replace {shown} entries by none")
