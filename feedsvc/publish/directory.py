"""The directory of all feeds, as readers get it: the same bytes from the application and as a file."""

from __future__ import annotations

from collections.abc import Iterable

from feedsvc.domain.feed import FeedState, Site
from feedsvc.render.opml import render_opml
from feedsvc.store.feeds import EVERYTHING


def directory(states: Iterable[FeedState], site: Site) -> bytes:
    """Return the OPML document of these feeds: that of everything first, then by slug."""
    ordered = sorted(states, key=lambda one: (one.slug != EVERYTHING, one.slug))
    return render_opml(ordered, site)
