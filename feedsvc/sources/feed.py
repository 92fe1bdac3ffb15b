"""A partner that offers a feed (RSS, Atom, JSON): the document holds the items."""

from __future__ import annotations

from datetime import datetime

from feedsvc.domain.parsed import ParsedFeed, ParseJob
from feedsvc.domain.source import Source
from feedsvc.errors import NotAFeed
from feedsvc.sources.reach import Collected, Reach


def collect(source: Source, job: ParseJob, reach: Reach) -> Collected:
    """Read all items of one feed document."""
    parsed = reach.parse(job)
    if not isinstance(parsed, ParsedFeed):
        raise NotAFeed(source.url, "the document is not a feed")
    if parsed.format.startswith("sitemap"):
        raise NotAFeed(
            source.url, "it is a sitemap, not a feed; add the source with --kind sitemap"
        )
    return Collected(
        items=parsed.items,
        rejections=parsed.rejections,
        repairs=parsed.repairs,
        title=parsed.title,
        document=parsed,
        document_url=job.url,
        listed=_links(parsed) if source.rechecks("feed") else None,
    )


def _links(parsed: ParsedFeed) -> dict[str, datetime | None]:
    return {item.link: item.published_at for item in parsed.items if item.link}
