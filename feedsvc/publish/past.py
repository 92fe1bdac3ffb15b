"""Documents beyond a feed's window: since a cursor, page by page, and month by month (RFC 5005).

They are made when somebody asks, from what is stored; the same data gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from feedsvc.domain.feed import (
    FORMATS,
    LEAST_AGE,
    Feed,
    FeedDocument,
    FeedLink,
    FeedState,
    Format,
    LinkRelation,
    Site,
    Snapshot,
)
from feedsvc.errors import Gone
from feedsvc.publish.assemble import assemble
from feedsvc.publish.documents import edition_of, make_document
from feedsvc.publish.gate import Passed, pass_gate
from feedsvc.publish.months import Month, archive_stem
from feedsvc.render.clean import uri
from feedsvc.render.fragments import Fragments
from feedsvc.render.parts import address_of
from feedsvc.store import catching_up
from feedsvc.store.engine import Database

log = structlog.get_logger()

PAGE = 50
MOST_SINCE = 200
# What stays below the 5 MB that the public validator reads, full texts included.
PART = 200


def with_tombstones(passed: Passed) -> Passed:
    """Put what stands beside entries in front of them all (see `render.tombstone`)."""
    beside = "".join(passed.beside).encode()
    rendered = replace(passed.rendered, head=passed.rendered.head + beside)
    return replace(passed, rendered=rendered)


def _as_it_is(passed: Passed) -> Passed:
    return passed


class Past:
    """Makes documents of a feed's past; thread-safe."""

    def __init__(self, db: Database, site: Site, fragments: Fragments | None = None) -> None:
        self._db = db
        self._site = site
        self._fragments = fragments or Fragments(site)
        self._edition = edition_of(site)

    @property
    def edition(self) -> str:
        """The word that changes when the same data would give other bytes."""
        return self._edition

    @property
    def part_size(self) -> int:
        """How many articles make a part of a month."""
        return PART

    def since(self, slug: str, cursor: int, fmt: Format) -> FeedDocument:
        """What has changed after a cursor, each article once; `next` leads on while there is more.

        Raises `NotFound`, `Gone`.
        """
        with self._db.read() as session:
            found = catching_up.changed_since(session, slug, cursor, MOST_SINCE)
        farewell = _served(found.snapshot.state).farewell
        told = farewell is not None and farewell.cursor > cursor and not found.more
        snapshot = found.snapshot if told else _of_articles(found.snapshot)
        feed = assemble(snapshot, self._site)
        following = FeedLink(rel="next", stem=feed.page_url, query=f"?since={found.last}")
        links = (following,) if found.more else ()
        feed = replace(feed, query=f"?since={cursor}", links=links, cursor=found.last)
        return self._document(feed, fmt, with_tombstones)

    def older(self, slug: str, article_id: int, fmt: Format) -> FeedDocument:
        """The articles that stand after one, a page of them. Raises `NotFound`, `Gone`."""
        with self._db.read() as session:
            snapshot, more = catching_up.older_than(session, slug, article_id, PAGE)
        _served(snapshot.state)
        feed = _of_its_entries(assemble(_of_articles(snapshot), self._site))
        links = [FeedLink(rel="first", stem=feed.page_url)]
        if more:
            last = snapshot.articles[-1].id
            links.append(FeedLink(rel="next", stem=feed.page_url, query=f"?before={last}"))
        query = f"?before={article_id}"
        return self._document(replace(feed, query=query, links=tuple(links)), fmt)

    def month(self, slug: str, month: Month, part: int | None, fmt: Format) -> FeedDocument:
        """One part of a month's articles, the last one where none is named.

        It leads to the part before it, and from the first to the month before. Raises `NotFound`
        for a month or part without articles. Those of a retired feed stay.
        """
        return self._document(self._month(slug, month, part), fmt)

    def month_in_all_formats(self, slug: str, month: Month, part: int) -> list[FeedDocument]:
        """The same in every format, of one state of the database. Raises `NotFound`."""
        feed = self._month(slug, month, part)
        return [self._document(feed, fmt) for fmt in FORMATS]

    def _month(self, slug: str, month: Month, part: int | None) -> Feed:
        start, end = month.span
        with self._db.read() as session:
            found = catching_up.month(session, slug, start, end, part=part, size=PART)
        feed = assemble(_of_articles(found.snapshot), self._site)
        stem = archive_stem(feed.page_url, month)
        links = [FeedLink(rel="current", stem=feed.page_url)]
        if found.part > 1:
            links.append(_to_part("prev-archive", stem, found.part - 1))
        elif found.before is not None:
            before = archive_stem(feed.page_url, Month.of(found.before))
            links.append(FeedLink(rel="prev-archive", stem=before))
        if found.more:
            links.append(_to_part("next-archive", stem, found.part + 1))
        return replace(
            _of_its_entries(feed),
            stem=stem,
            query=f"?part={found.part}",
            links=tuple(links),
            # An archive leads to another one (the public validator warns of one that does not).
            archive=len(links) > 1,
        )

    def _document(
        self, feed: Feed, fmt: Format, finish: Callable[[Passed], Passed] = _as_it_is
    ) -> FeedDocument:
        # A shared cache must not keep what may be withdrawn for longer than it has to.
        feed = replace(feed, max_age=LEAST_AGE)
        passed = finish(pass_gate(feed, fmt, self._fragments))
        document = make_document(passed, fmt, self._edition)
        log.info("past made", address=address_of(feed, fmt))
        # Deltas are for the window alone.
        return replace(
            document,
            pieces=(),
            complete_since=document.cursor,
            location=uri(address_of(feed, fmt)),
        )


def _served(state: FeedState) -> FeedState:
    if state.is_over:
        raise Gone(f"feed {state.slug}", "is retired")
    return state


def _to_part(rel: LinkRelation, stem: str, part: int) -> FeedLink:
    return FeedLink(rel=rel, stem=stem, query=f"?part={part}")


def _of_articles(snapshot: Snapshot) -> Snapshot:
    """Without the last entry of a retired feed, which is no article and has no place in the past."""
    return replace(snapshot, state=replace(snapshot.state, farewell=None))


def _of_its_entries(feed: Feed) -> Feed:
    """Date the document by what it holds: it stays the same while the feed goes on."""
    if not feed.entries:
        return feed
    return replace(
        feed,
        updated_at=max(entry.updated_at for entry in feed.entries),
        cursor=max(entry.cursor for entry in feed.entries),
    )
