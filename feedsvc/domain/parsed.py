"""What parsing makes of one document: a feed, a list page or an article page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urljoin

from feedsvc.domain.item import Item, Precision, Repair

DocumentKind = Literal["feed", "list", "page", "survey"]
DocumentClass = Literal["feed", "feed_links", "list", "article", "json", "sitemap", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseJob:
    """One document to parse, with all that its meaning depends on.

    `url` is the address that the bytes came from (after redirects) and the base of relative
    links. `timezone` is an IANA name for times without an offset. `seen_at` (aware UTC) is the
    fetch time: relative dates count from it, future dates are judged by it. `charset` is the
    operator's override. `rules` are the source's rules (tables `list` and `page`), if any. `known`
    are canonical addresses and headlines of articles that the source had before; a survey prefers
    proposals whose rows continue them.
    `content_location` is the HTTP header of that name.
    """

    kind: DocumentKind
    body: bytes
    url: str
    seen_at: datetime
    content_type: str | None = None
    charset: str | None = None
    timezone: str = "Asia/Shanghai"
    rules: Mapping[str, Any] | None = None
    known: frozenset[str] = frozenset()
    content_location: str | None = None

    @property
    def base_url(self) -> str:
        """Where relative links start unless the document says otherwise (RFC 2616, section 14.14)."""
        return urljoin(self.url, self.content_location) if self.content_location else self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One item that could not be used, and why; the others go on without it."""

    subject: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Another document that this one names as a part of its whole: a sitemap of a sitemap index."""

    url: str
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed document: `format` is e.g. "rss-2.0", "atom-1.0", "json-1.1"; items in document order.

    Only the index of sitemaps ("sitemap-index") has `parts`, and no items. `links` are the
    document's own address and those of its neighbours (RFC 5005) by relation. `offers_since` says
    that the publisher runs this very software, so that `?since=` means there what it means here.
    """

    format: str
    charset: str
    title: str = ""
    home_url: str | None = None
    items: tuple[Item, ...] = ()
    parts: tuple[Part, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    offers_since: bool = False
    rejections: tuple[Rejection, ...] = ()
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLink:
    """One row of a list page: where the article is and what the list says of it."""

    link: str
    title: str = ""
    published_at: datetime | None = None
    published_precision: Precision = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedList:
    """A list page: its rows from top to bottom, and the following page where the rules find one."""

    charset: str
    links: tuple[ListedLink, ...] = ()
    next_url: str | None = None
    rules: Mapping[str, Any] = field(default_factory=dict)
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """An article page; `confidence` gives 0.0–1.0 per field name of `Item`, low where we may be wrong.

    `next_url` is where the article goes on, where it is printed over several pages.
    """

    charset: str
    item: Item
    confidence: Mapping[str, float] = field(default_factory=dict)
    next_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed that a page names: `declared` by a link element for programs, else by a link for people."""

    url: str
    title: str = ""
    declared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a proposal stands where it stands: a machine word (`cli.reason.<kind>`) and its number or name."""

    kind: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Rules for a list that nobody wrote rules for, and the rows that a poll reads by them.

    `confidence` is 0.0–1.0. `continued` counts rows whose address or headline the source had before.
    """

    rules: Mapping[str, Any]
    confidence: float
    rows: tuple[ListedLink, ...]
    reasons: tuple[Reason, ...] = ()
    continued: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a document is: its class, the feeds it names, and ranked proposals to read it as a list."""

    charset: str
    looks_like: DocumentClass
    title: str = ""
    feeds: tuple[FeedLink, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    repairs: tuple[Repair, ...] = ()


Parsed = ParsedFeed | ParsedList | ParsedPage | Survey
