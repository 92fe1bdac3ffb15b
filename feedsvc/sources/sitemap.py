"""A partner without a feed but with a sitemap: its newest addresses, and the page behind each."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import UTC, datetime

from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ParsedFeed, ParseJob, Part
from feedsvc.domain.source import Source
from feedsvc.errors import Aborted, IngestError, NotAFeed
from feedsvc.fetch.exchange import FetchRequest
from feedsvc.sources.harvest import Harvest, gather_pages
from feedsvc.sources.reach import Collected, Reach
from feedsvc.text.urls import canonical, names_an_article

# Sitemaps of an index that one poll reads, the newest first. Archives have hundreds.
MOST_PARTS = 8
# A sitemap may name 50,000 pages; what stands behind the newest of them is an archive, not news.
MOST_ROWS = 200
_UNDATED = datetime(1, 1, 1, tzinfo=UTC)


def collect(source: Source, job: ParseJob, reach: Reach) -> Collected:
    """Read the sitemap, or the newest parts of its index, then every new page of the newest addresses."""
    harvest = Harvest()
    first = _read(source, job, reach)
    rows = [*first.items, *_follow(source, job, first.parts, reach, harvest)]
    newest = sorted(rows, key=_changed_at, reverse=True)
    named = {canonical(row.link): row for row in newest if row.link and names_an_article(row.link)}
    wanted = dict(list(named.items())[:MOST_ROWS])
    known = reach.known_links(list(wanted))
    fresh = [row for link, row in wanted.items() if link not in known]
    gather_pages(source, fresh, job, reach, harvest)
    return Collected(
        items=tuple(harvest.items),
        rejections=(*first.rejections, *harvest.rejections),
        repairs=first.repairs,
        complete=harvest.complete,
        wire_bytes=harvest.wire_bytes,
        looked_at=tuple(harvest.pages),
        listed=harvest.listed,
    )


def _read(source: Source, job: ParseJob, reach: Reach) -> ParsedFeed:
    parsed = reach.parse(job)
    if not isinstance(parsed, ParsedFeed) or not parsed.format.startswith("sitemap"):
        raise NotAFeed(source.url, "the document is not a sitemap")
    return parsed


def _follow(
    source: Source, job: ParseJob, parts: tuple[Part, ...], reach: Reach, harvest: Harvest
) -> list[Item]:
    """The addresses in the parts of an index, and of an index in it; a part that fails is a rejection."""
    rows: list[Item] = []
    waiting = deque(_newest_first(parts))
    seen = {job.url}
    for _ in range(MOST_PARTS):
        while waiting and waiting[0].url in seen:
            waiting.popleft()
        if not waiting:
            break
        part = waiting.popleft()
        seen.add(part.url)
        # An index that does not tell when its parts changed looks the same when they did.
        harvest.complete &= part.updated_at is not None
        try:
            parsed = _read_part(source, job, part, reach, harvest)
        except Aborted:
            raise
        except IngestError as error:
            harvest.complete = False
            harvest.reject(part.url, error)
            continue
        rows += parsed.items
        waiting.extend(_newest_first(parsed.parts))
    return rows


def _read_part(
    source: Source, job: ParseJob, part: Part, reach: Reach, harvest: Harvest
) -> ParsedFeed:
    response = reach.fetch(FetchRequest(url=part.url, referer=source.url))
    harvest.wire_bytes += response.wire_bytes
    part_job = replace(
        job,
        body=response.body,
        url=response.url,
        content_type=response.headers.get("content-type"),
        content_location=response.headers.get("content-location"),
    )
    return _read(source, part_job, reach)


def _newest_first(parts: tuple[Part, ...]) -> list[Part]:
    return sorted(parts, key=lambda part: part.updated_at or _UNDATED, reverse=True)


def _changed_at(row: Item) -> datetime:
    return row.published_at or row.updated_at or _UNDATED
