"""How a source's pages usually look, and whether they still do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What polls learned of a list source; shares are 0.0–1.0, averages forget slowly.

    `rows` of a list, the shares of them with a title and a date, the length of a title, and how
    often the list named a following page; of article pages the length of a text, how often a
    page's title was that of its row, and how often each field was found.
    """

    polls: int = 0
    rows_seen: int = 0
    rows: float = 0.0
    titled: float = 0.0
    distinct: float = 0.0
    dated: float = 0.0
    title_chars: float = 0.0
    paged: float = 0.0
    pages: int = 0
    body_chars: float = 0.0
    agree: float = 0.0
    fields: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where one source stands: `suspected` counts the polls in a row that looked wrong.

    `reasons` are machine words (`cli.layout.<word>`), `bad_links` pages that could not be read as
    the others were, `proposal` the rules that would read the source now. `changed_at` is when it
    was certain.
    """

    profile: Profile = field(default_factory=Profile)
    suspected: int = 0
    changed_at: datetime | None = None
    reasons: tuple[str, ...] = ()
    bad_links: tuple[str, ...] = ()
    proposal: Mapping[str, Any] | None = None

    @property
    def state(self) -> str:
        """ "learning", "steady", "suspected" or "changed"."""
        if self.changed_at is not None:
            return "changed"
        if self.suspected:
            return "suspected"
        return "steady" if self.profile.polls else "learning"
