"""What editors say about single feeds: how much they carry, and what stays in their windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from feedsvc.curate.publishing import PublishAtOnce
from feedsvc.domain.feed import FeedContent, FeedState
from feedsvc.errors import Conflict
from feedsvc.store import articles, feeds, pins
from feedsvc.store.changes import log_relabelling
from feedsvc.store.engine import Database
from feedsvc.store.selections import belonging


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """A feed as editors shaped it: its state and the articles that it keeps in its window."""

    state: FeedState
    pinned: tuple[int, ...]


class FeedDesk:
    """Acts on the standing feeds: categories, `all`, `corrections`; thread-safe."""

    def __init__(self, db: Database, publish: PublishAtOnce, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._publish = publish
        self._clock = clock

    def all(self) -> list[Shaped]:
        """Return every standing feed, by slug."""
        with self._db.read() as session:
            return [
                Shaped(state=state, pinned=tuple(pins.of(session, state.slug)))
                for state in feeds.states(session)
            ]

    def set_content(self, slug: str, content: FeedContent) -> Shaped:
        """Let a feed carry full texts or summaries only; raises `NotFound`."""
        now = self._clock()
        with self._db.write() as session:
            if feeds.standing(session, slug).content != content:
                logged = log_relabelling(session, [slug], now, now)
                feeds.set_content(session, slug, content, logged.cursor)
        return self._published(slug)

    def pin(self, slug: str, article_id: int | str) -> Shaped:
        """Keep an article in a feed's window; one that is kept already stays so.

        Raises `NotFound`, and `Conflict` where the feed does not show the article, has enough
        pinned ones, or was retired.
        """
        now = self._clock()
        with self._db.write() as session:
            state = feeds.standing(session, slug)
            article = articles.get(session, article_id)
            if not pins.is_kept(session, slug, article.id):
                if state.farewell is not None:
                    raise Conflict(f"feed {slug}", "is retired")
                readable = article.public and article.status in {"live", "corrected"}
                if not readable or not belonging(session, state.selection, {article.id}):
                    raise Conflict(f"article {article.id}", f"is not in the feed {slug}")
                logged = log_relabelling(session, [slug], now, now)
                pins.add(session, slug, article.id, logged.cursor, now)
        return self._published(slug)

    def unpin(self, slug: str, article_id: int | str) -> Shaped:
        """Let an article leave the window when its time has come; raises `NotFound`."""
        now = self._clock()
        with self._db.write() as session:
            article = articles.get(session, article_id)
            log_relabelling(session, [feeds.standing(session, slug).slug], now, now)
            pins.remove(session, slug, article.id)
        return self._published(slug)

    def _published(self, slug: str) -> Shaped:
        self._publish((slug,))
        with self._db.read() as session:
            state = feeds.state(session, slug)
            return Shaped(state=state, pinned=tuple(pins.of(session, slug)))
