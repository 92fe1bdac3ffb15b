"""Sections get another name or come to an end: readers are led on, and nothing of theirs changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from feedsvc.curate.publishing import PublishAtOnce
from feedsvc.curate.registry import check_slug
from feedsvc.domain.feed import Category, FeedDocument, FeedState
from feedsvc.errors import UsageError
from feedsvc.store import categories, farewells, feeds
from feedsvc.store.engine import Database

# Readers ask once a day or more often; those that were away for a holiday see the last entry too.
FAREWELL_TIME = timedelta(days=30)
END_EVERY = 60.0

log = structlog.get_logger()


class Shelf(Protocol):
    """What is needed of the shelf: documents, and what stands for those that are gone."""

    def put(self, documents: Sequence[FeedDocument]) -> int:
        """Put documents where every process finds them."""
        ...


class Sections:
    """Acts on sections and their feeds; thread-safe.

    What a death leaves undone is done by the next publisher and by `Publisher.sync_shelf`: the
    database says which documents are gone.
    """

    def __init__(
        self, db: Database, shelf: Shelf, publish: PublishAtOnce, clock: Callable[[], datetime]
    ) -> None:
        self._db = db
        self._shelf = shelf
        self._publish = publish
        self._clock = clock

    def rename(self, slug: str, *, to: str | None = None, title: str | None = None) -> Category:
        """Give a section another slug, another title, or both; the old addresses lead to the new ones.

        Raises `NotFound`, `UsageError` for a name that cannot be one, `Conflict` for one that is
        taken, reserved, or was once another section's.
        """
        if to is None and title is None:
            raise UsageError("slug", "give the section another slug or another title")
        if to is not None:
            check_slug("slug", to)
        if title is not None and not title.strip():
            raise UsageError("title", "a category needs a title")
        now = self._clock()
        touched: set[str] = set()
        gone: Sequence[FeedDocument] = ()
        with self._db.write() as session:
            name = categories.get(session, slug).slug
            if to is not None:
                moved = categories.rename(session, name, to, now)
                gone = moved.documents
                touched.update(moved.logged.feeds)
                name = to
            if title is not None:
                touched.update(categories.rename_title(session, name, title, now).feeds)
            category = categories.get(session, name)
        # The new address is there before the old one leads to it.
        self._publish((name,))
        self._shelf.put(gone)
        self._publish(tuple(sorted(touched - {name})))
        return category

    def retire(self, slug: str, *, reason: str, successor: str | None = None) -> FeedState:
        """End a section's feed with a last entry that says so; its articles can be read for good.

        `successor` is the section that readers are led to, and that its sources fill from now on.
        Raises `NotFound`, `UsageError` without a reason, `Conflict` where it is retired already or
        sources fill it and there is no successor.
        """
        if not reason.strip():
            raise UsageError(f"category {slug}", "give a reason")
        now = self._clock()
        with self._db.write() as session:
            name = categories.get(session, slug).slug
            to = None if successor is None else categories.get(session, successor).slug
            logged = farewells.retire(session, name, reason=reason, successor=to, now=now)
            state = feeds.state(session, name)
        self._publish(logged.feeds)
        return state

    def end_due(self, now: datetime) -> bool:
        """Take those feeds away whose last entry has been there long enough; a chore.

        From then on their addresses answer 410, for good.
        """
        with self._db.read() as session:
            due = farewells.due(session, now - FAREWELL_TIME)
        for slug in due:
            with self._db.write() as session:
                gone = farewells.end(session, slug, now)
            self._shelf.put(gone)
            log.info("feed_ended", feed=slug)
        return False
