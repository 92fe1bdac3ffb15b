"""When a held article is to be published, and when it then counts as published. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A held article's minute. `approved`: nothing but its minute holds it; else an editor too.

    `actor` is who named the minute: a partner's embargo ("source:…"), or an editor.
    """

    article_id: int
    at: datetime
    approved: bool
    actor: str


def published_on_release(
    published_at: datetime, *, own: bool, scheduled_at: datetime | None, now: datetime
) -> datetime:
    """Return the time of publication of an article that is released now, which never changes again.

    Our own scheduled article was never published before: its minute is the one that was set, or
    now where it comes earlier. A partner's keeps the partner's time, unless that lies ahead.
    """
    if own and scheduled_at is not None:
        return min(scheduled_at, now)
    return min(published_at, now)
