"""Feeds that are made when somebody asks: of one source, tag or author, and of a search.

There may be any number of them, so none is published beforehand (decision 0013). The same data gives
the same bytes in every process.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from feedsvc.domain.feed import Feed, FeedDocument, Format, Selection, Site
from feedsvc.publish.assemble import assemble
from feedsvc.publish.documents import edition_of, make_document
from feedsvc.publish.gate import pass_gate
from feedsvc.publish.publisher import WINDOW
from feedsvc.render.fragments import Fragments
from feedsvc.store import feeds, found
from feedsvc.store.engine import Database

# Bytes of entries that are kept for these feeds; those of summaries alone have an eighth of it.
MOST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search as a feed: the `most` newest finds, `full` or as summaries; `text` is its "?…"."""

    selection: Selection
    most: int
    full: bool
    text: str


class Asked:
    """Makes these documents; thread-safe."""

    def __init__(self, db: Database, site: Site) -> None:
        self._db = db
        self._site = site
        self._edition = edition_of(site)
        self._whole = Fragments(site, most_bytes=MOST_BYTES)
        self._short = Fragments(site, most_bytes=MOST_BYTES // 8)

    def named(self, slug: str, fmt: Format) -> FeedDocument:
        """The window of a source, tag or author ("tag/反诈"), as standing feeds have it.

        Raises `NotFound`.
        """
        with self._db.read() as session:
            snapshot = feeds.snapshot(session, slug, WINDOW)
        feed = assemble(snapshot, self._site)
        return make_document(pass_gate(feed, fmt, self._whole), fmt, self._edition)

    def found(self, query: Query, fmt: Format) -> FeedDocument:
        """What a search finds. Nothing withdrawn is found, so there are no notices and no deltas.

        Raises `NotFound` for a category or source that is none of ours.
        """
        feed = self._found(query)
        if not query.full:
            entries = tuple(replace(entry, content_html="") for entry in feed.entries)
            feed = replace(feed, entries=entries)
        fragments = self._whole if query.full else self._short
        document = make_document(pass_gate(feed, fmt, fragments), fmt, self._edition)
        return replace(document, pieces=(), complete_since=document.cursor)

    def _found(self, query: Query) -> Feed:
        with self._db.read() as session:
            snapshot = found.snapshot(session, query.selection, query.most, query.text)
        feed = assemble(snapshot, self._site)
        stem = feed.page_url
        times = (entry.updated_at for entry in feed.entries)
        return replace(
            feed,
            page_url=f"{stem}{query.text}",
            stem=stem,
            query=query.text,
            links=(),
            cursor=max(snapshot.cursors.values(), default=0),
            updated_at=max((feed.updated_at, *times)),
        )
