"""What a feed no longer shows: read where we were away for longer than it shows, or never there.

window ─┬─ 304, 226 ──────────────────────── all is known
        ├─ the publisher runs this software ── `?since=` the cursor that we know, page by page
        └─ none of its older half is known ─── `prev-archive` or `next` (RFC 5005), until some is

What one poll does not get to is a trail, which the next one follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ParsedFeed, Rejection
from feedsvc.domain.source import Claim, Source, Trail, Way
from feedsvc.errors import Aborted, EmptyFeed, IngestError, NotAFeed
from feedsvc.fetch.exchange import FetchRequest
from feedsvc.sources.discover import first_job
from feedsvc.sources.reach import Collected, Reach
from feedsvc.sources.recheck import takes_back

# What one poll reads of the past; the next one goes on.
MOST_DOCUMENTS: Final = 10
MOST_ITEMS: Final = 2_000
MOST_BYTES: Final = 20 * 1024 * 1024
MOST_SECONDS: Final = 60.0
# A document that cannot be had so often in a row is given up, with what stands behind it.
MOST_FAILURES: Final = 5
MOST_TRAILS: Final = 8
_OUR_TAG: Final = re.compile(r'(?:W/)?"(\d{1,18})-[0-9a-f]{12}(?:-gz|-br)?"')


def read_past(claim: Claim, found: Collected, reach: Reach, *, seen_at: datetime) -> Collected:
    """Add to what a poll brought home what its feed has shown meanwhile and shows no longer.

    A document that cannot be had is a rejection; it is tried again by later polls.
    """
    trails = [*_new_trails(claim, found, reach), *claim.trails]
    if not trails:
        return found
    walk = _Walk(source=claim.source, reach=reach, seen_at=seen_at)
    walk.take(found.items, newer=True)
    left = tuple(rest for trail in trails if (rest := walk.follow(trail)) is not None)
    return replace(
        found,
        items=tuple(walk.items),
        rejections=(*found.rejections, *walk.rejections),
        wire_bytes=found.wire_bytes + walk.wire_bytes,
        trails=left[:MOST_TRAILS],
    )


def cursor_of(etag: str | None) -> int | None:
    """Return the last change that an ETag of this software stands for; None where it is another's."""
    said = _OUR_TAG.fullmatch(etag or "")
    return int(said[1]) if said else None


def meets(items: tuple[Item, ...], reach: Reach) -> bool:
    """Whether we know what stands in the older half of a document: then nothing lies between.

    Withdrawals do not count, because their notices stay in a window for weeks.
    """
    live = [item for item in items if not takes_back(item)]
    older = live[len(live) // 2 :]
    return bool(older) and reach.gave_before(older)


def _new_trails(claim: Claim, found: Collected, reach: Reach) -> list[Trail]:
    document = found.document
    if document is None or found.http_status == 226:
        return []
    shown = cursor_of(found.validators.etag)
    if document.offers_since and shown is not None:
        return _since(claim, found, shown, reach)
    return [] if meets(document.items, reach) else _back_from(document)


def _since(claim: Claim, found: Collected, shown: int, reach: Reach) -> list[Trail]:
    """What changed beyond the window cannot be seen in it, so it is asked for."""
    known = cursor_of(claim.validators.etag)
    if known == shown or any(trail.way == "since" for trail in claim.trails):
        return []
    if known is None and meets(found.items, reach):
        return []
    # A count that went back is another one: that of a database brought back from a copy.
    since = known if known is not None and known < shown else 0
    url = urlunsplit((*urlsplit(found.document_url)[:3], f"since={since}", ""))
    return [Trail(way="since", url=url)]


def _back_from(document: ParsedFeed) -> list[Trail]:
    ways: tuple[Way, ...] = ("prev-archive", "next")
    return [Trail(way=way, url=document.links[way]) for way in ways if way in document.links][:1]


@dataclass(slots=True, kw_only=True)
class _Walk:
    source: Source
    reach: Reach
    seen_at: datetime
    items: list[Item] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    wire_bytes: int = 0
    documents: int = 0
    size: int = 0
    seconds: float = 0.0
    read: set[str] = field(default_factory=set)

    def follow(self, start: Trail) -> Trail | None:
        """Read on from one document; return what is left of the trail."""
        trail: Trail | None = start
        while trail is not None:
            if self._is_full():
                return trail
            try:
                document = self._document(trail.url)
            except Aborted:
                raise
            except EmptyFeed:
                return None
            except IngestError as error:
                return self._failed(trail, error)
            trail = self._next(trail, document)
        return None

    def take(self, items: tuple[Item, ...], *, newer: bool) -> bool:
        """Add items; of one that two documents hold the newer words stay. False: it held nothing new."""
        given, had = _names(items), _names(self.items)
        if newer:
            self.items = [item for item in self.items if _name(item) not in given]
            self.items += items
        else:
            self.items += [item for item in items if _name(item) not in had]
        return bool(given - had)

    def _is_full(self) -> bool:
        return (
            self.documents >= MOST_DOCUMENTS
            or len(self.items) >= MOST_ITEMS
            or self.size >= MOST_BYTES
            or self.seconds >= MOST_SECONDS
        )

    def _document(self, url: str) -> ParsedFeed:
        self.read.add(url)
        self.documents += 1
        response = self.reach.fetch(FetchRequest(url=url, referer=self.source.url))
        self.wire_bytes += response.wire_bytes
        self.size += len(response.body)
        self.seconds += response.elapsed
        parsed = self.reach.parse(first_job(self.source, response, self.seen_at))
        if not isinstance(parsed, ParsedFeed):
            raise NotAFeed(url, "the document is not a feed", permanent=True)
        self.rejections += parsed.rejections
        return parsed

    def _next(self, trail: Trail, document: ParsedFeed) -> Trail | None:
        """Take what a document holds; return where it leads on."""
        if trail.way == "since" and not _tells_since(document):
            # Behind a cache that leaves queries out there is the window again, and its archives.
            self.take(document.items, newer=True)
            back = [] if meets(document.items, self.reach) else _back_from(document)
            return back[0] if back else None
        if trail.way == "since":
            # What changed is told to its end, also where the window held all of one page.
            self.take(document.items, newer=True)
            url, ended = document.links.get("next"), False
        else:
            met = meets(document.items, self.reach)
            ended = not self.take(document.items, newer=False) or met
            url = document.links.get(trail.way)
        if ended or url is None or url in self.read:
            return None
        return Trail(way=trail.way, url=url)

    def _failed(self, trail: Trail, error: IngestError) -> Trail | None:
        self.rejections.append(Rejection(subject=trail.url, kind=error.kind, message=str(error)))
        if error.permanent or trail.failures + 1 >= MOST_FAILURES:
            return None
        return replace(trail, failures=trail.failures + 1)


def _name(item: Item) -> str | None:
    return item.guid or item.link


def _names(items: Iterable[Item]) -> set[str]:
    return {name for item in items if (name := _name(item)) is not None}


def _tells_since(document: ParsedFeed) -> bool:
    return "since" in parse_qs(urlsplit(document.links.get("self", "")).query)
