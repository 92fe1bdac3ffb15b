"""What we publish: feeds, their entries and the finished documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from feedsvc.domain.article import Article, Status
from feedsvc.domain.item import AiLabel, Dateline, Enclosure

Format = Literal["rss", "atom", "json"]
FORMATS: tuple[Format, ...] = ("rss", "atom", "json")
# Seconds for which a reader may go on with what it has: the least that any document says.
LEAST_AGE = 300
MEDIA_TYPES: dict[Format, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """An editorial section (栏目); its slug names its feed. A retired one keeps its articles."""

    id: int = 0
    slug: str
    title: str
    description: str = ""
    created_at: datetime | None = None
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Who publishes: what every document says of us. `base_url` has no trailing slash.

    `licence` is the address of the terms under which the feeds as such may be used; what partners
    wrote keeps their own.
    """

    base_url: str
    title: str
    language: str = "zh-CN"
    rights: str = ""
    contact: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which articles a feed shows: those for which all that is set here holds; nothing set, all.

    `category` and `source` are slugs, `tag` and `author` names in their one spelling. `words` is what people type to search. `corrections`: what was corrected or
    withdrawn. Of source, tag, author and corrections one at most is set.
    """

    category: str | None = None
    source: str | None = None
    tag: str | None = None
    author: str | None = None
    words: str = ""
    corrections: bool = False

    def placed_at(self, article: Article) -> datetime:
        """Return the time by which a feed orders its articles: of publication, or of correction."""
        return article.updated_at if self.corrections else article.published_at


ALL = Selection()


FeedContent = Literal["full", "summary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Farewell:
    """The end of a feed, told by one last entry under its own permanent `guid`.

    `successor` is the slug of the feed to go on with, None where there is none; `cursor` the change
    that tells of the end. `over`: the last entry has been there long enough, the feed is gone.
    """

    guid: str
    at: datetime
    reason: str
    successor: str | None
    successor_title: str
    cursor: int
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """Where one feed stands: `cursor` is the last change that touched it, `updated_at` its time.

    Neither goes back. `guid` (urn:uuid:) is the feed's own permanent id. `slug` is what stands
    below /feeds/ in its address. `farewell` is there where the feed was retired.
    `content` says how much of each article it carries; at `whole_since` that was last changed.
    """

    slug: str
    guid: str
    title: str
    description: str
    selection: Selection
    cursor: int
    updated_at: datetime
    farewell: Farewell | None = None
    content: FeedContent = "full"
    whole_since: int = 0

    @property
    def is_over(self) -> bool:
        """Whether the feed was retired and its last entry has been there long enough."""
        return self.farewell is not None and self.farewell.over


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One feed and its window of articles, read in one transaction; the newest first.

    `cursors` has the last change of each article by its id. `complete_since` is the last change of
    this feed that the window does not show: who knows that one misses nothing by reading the window.
    `pinned` are the articles that an editor keeps in it. `oldest` is the time of the oldest article
    that is there by itself: what is older stands in the archives, but for notices and pinned ones.
    """

    state: FeedState
    articles: tuple[Article, ...]
    cursors: Mapping[int, int] = field(default_factory=dict)
    complete_since: int = 0
    pinned: frozenset[int] = frozenset()
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a feed shows of one article. A withdrawn one is a notice: no body, no summary of the old text.

    `url` is our article page; `origin_url` the partner's original. `source_*` name the source we
    got it from, `attribution` the publisher credited on the page. `rights` are words, or the address of
    a licence. `cursor` is the last change that it shows; no document prints it.
    """

    guid: str
    url: str
    title: str
    original_title: str
    summary: str
    content_html: str
    published_at: datetime
    updated_at: datetime
    status: Status
    reason: str
    revision: int
    category: str
    category_title: str
    attribution: str
    origin_url: str | None
    source_title: str
    source_url: str
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    credit_line: str = ""
    dateline: Dateline | None = None
    rights: str = ""
    language: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    tags: tuple[str, ...] = ()
    ai_label: AiLabel = ""
    pinned: bool = False
    cursor: int = 0


LinkRelation = Literal["first", "next", "current", "prev-archive", "next-archive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A link from one document of a feed to another in the same format: `{stem}.{format}{query}`."""

    rel: LinkRelation
    stem: str
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One published selection, ready to be rendered: entries newest published first, then by guid.

    `page_url` is the page for people; a document's own address is `{stem}.{format}{query}`, with
    `page_url` as its stem where none is given. `archive` says that it is one document of a feed's
    past (RFC 5005), `expired` that its last entry is the last for good. `max_age` is how many seconds,
    whole minutes, a reader may wait before it asks again.
    """

    slug: str
    guid: str
    title: str
    description: str
    page_url: str
    updated_at: datetime
    cursor: int
    entries: tuple[Entry, ...]
    complete_since: int = 0
    stem: str = ""
    query: str = ""
    links: tuple[FeedLink, ...] = ()
    archive: bool = False
    max_age: int = LEAST_AGE
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry in a document's body: its bytes, `start` to `end`, and the last change it shows.

    `beside` is what stands beside it in a delta, and nowhere else (a tombstone).
    """

    start: int
    end: int
    cursor: int
    beside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """One feed in one format, as stored and served: the same bytes three times and their validators.

    `etag` is the opaque core `<cursor>-<hash12>` without quotes; each content coding adds its
    own suffix when served. `last_modified` is the feed's `updated_at` in whole seconds,
    or a second after the document's forerunner where that is later. `edition` names the renderer
    and settings that made it: another edition is made anew. `pieces` are the entries in the order
    of the body, `complete_since` is that of the snapshot: what a delta is cut from. `max_age` is the
    feed's; `links` are the feed's other documents in this format, (relation, address) each. `location`
    is the document's own address where it may be got at others too.
    A document that is `gone` stands for its absence: it has no bytes, and its cursor keeps older
    ones away.
    """

    slug: str
    format: Format
    cursor: int
    etag: str
    last_modified: datetime
    edition: str
    body: bytes
    gzip: bytes
    brotli: bytes
    pieces: tuple[Piece, ...] = ()
    complete_since: int = 0
    max_age: int = LEAST_AGE
    links: tuple[tuple[str, str], ...] = ()
    gone: bool = False
    location: str = ""

    @property
    def path(self) -> str:
        """The URL path it is served at."""
        return f"/feeds/{self.slug}.{self.format}"


# What ends the etag of a document that is gone; others end with a hash.
_GONE = "-gone"


def is_gone(etag: str) -> bool:
    """Whether an etag is that of a document which stands for its absence."""
    return etag.endswith(_GONE)


def gone_document(slug: str, fmt: Format, cursor: int, at: datetime) -> FeedDocument:
    """Return what stands in the place of a document that nobody is to get any more."""
    return FeedDocument(
        slug=slug,
        format=fmt,
        cursor=cursor,
        etag=f"{cursor}{_GONE}",
        last_modified=at.replace(microsecond=0),
        edition="gone",
        body=b"",
        gzip=b"",
        brotli=b"",
        gone=True,
    )
