"""A partner that offers a feed (RSS, Atom, JSON): the document holds the items."""

from __future__ import annotations

from feedsvc.domain.parsed import ParsedFeed, ParseJob
from feedsvc.domain.source import Source
from feedsvc.errors import NotAFeed
from feedsvc.sources.reach import Collected, Reach


def collect(source: Source, job: ParseJob, reach: Reach) -> Collected:
    """Read all items of one feed document."""
    parsed = reach.parse(job)
    if not isinstance(parsed, ParsedFeed):
        raise NotAFeed(source.url, "the document is not a feed")
    return Collected(
        items=parsed.items,
        rejections=parsed.rejections,
        repairs=parsed.repairs,
        title=parsed.title,
    )
