"""Where a feed stands, as people are told: how often it has news, the last of it, and whether all is out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from feedsvc.domain.feed import FORMATS, FeedState
from feedsvc.store import articles, documents, paces
from feedsvc.store.engine import Database
from feedsvc.web import present
from feedsvc.web.pace import Rate, rate

# asked: it is made when somebody asks for it, and so never behind
# current: every format shows the last change · behind: one is still to follow · pending: none is there yet
Health = Literal["asked", "current", "behind", "pending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One feed with its rate, the time of its newest article, and its health."""

    state: FeedState
    rate: Rate | None
    last: present.Moment | None
    health: Health

    @property
    def rate_words(self) -> str:
        """The key of the words for its rate; they take the number."""
        return f"web.rate.{self.rate.unit}" if self.rate else "web.feeds.nothing_yet"

    @property
    def health_words(self) -> str:
        """The key of the words for its health."""
        return f"web.health.{self.health}"


def standings(db: Database, states: Sequence[FeedState]) -> list[Standing]:
    """Return where each of these feeds stands, in their order."""
    found = []
    with db.read() as session:
        published = {key: edition[0] for key, edition in documents.editions(session).items()}
        for state in states:
            pace = paces.pace(session, state.selection)
            newest = articles.latest(session, selection=state.selection, limit=1)
            last = present.card(newest[0]).published if newest else None
            if last is None and pace is not None:
                last = present.moment(pace.newest)
            cursors = [published.get((state.slug, format)) for format in FORMATS]
            # What has a slash in its name (tag/…) has no document that stands.
            how = "asked" if "/" in state.slug else health(cursors, state.cursor)
            found.append(Standing(state=state, rate=rate(pace), last=last, health=how))
    return found


def health(cursors: Sequence[int | None], wanted: int) -> Health:
    """Tell from the cursors of a feed's documents (None: there is none) how it is with the feed. Pure."""
    if all(cursor is None for cursor in cursors):
        return "pending"
    return (
        "current"
        if all(cursor is not None and cursor >= wanted for cursor in cursors)
        else "behind"
    )
