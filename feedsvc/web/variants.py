"""Ready answers: everything of a response to a feed document that can be made before anyone asks. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from feedsvc.domain.feed import FORMATS, MEDIA_TYPES, FeedDocument
from feedsvc.web.conditional import CODINGS, Coding, entity_tag, http_date, spellings
from feedsvc.web.delta import compressed, cut_delta

Headers = list[tuple[str, str]]

# Browsers say what they want a document for, and people get a page (see `web.feeds`).
VARY = "Accept-Encoding, Sec-Fetch-Dest"
# Kept per document; each is a few kilobytes, and gone with the next publication.
MOST_DELTAS = 256
CORS: Headers = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, IM, Last-Modified, Link"),
]
# A document opened as a page must not run or load anything, whatever an article carries.
SAFETY: Headers = [
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One document in one content coding: its 200 with the body, and the headers of its 304."""

    full: Headers
    not_modified: Headers
    body: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyDocument:
    """One feed document as answers; thread-safe. `tags` are the If-None-Match values that a reader usually sends.

    `dated` is False where the document is told without its date (see `make_ready`).
    """

    core: str
    tags: frozenset[str]
    last_modified: datetime
    last_modified_text: str
    dated: bool
    variants: dict[Coding, Variant]
    document: FeedDocument
    deltas: dict[tuple[int, Coding], Variant | None] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The bytes of its bodies in all codings."""
        return sum(len(variant.body[0]) for variant in self.variants.values())

    def delta(self, since: int, coding: Coding) -> Variant | None:
        """Return the 226 for a reader that knows the state at `since`, None where it needs the whole.

        They are kept by how many entries are fresh: a client that makes states up, one for each
        request, must not have us compress a document for each.
        """
        if since < self.document.complete_since:
            return None
        fresh = sum(piece.cursor > since for piece in self.document.pieces)
        key = (fresh, coding)
        if key not in self.deltas:
            if len(self.deltas) >= MOST_DELTAS:
                self.deltas.clear()
            body = cut_delta(self.document, since)
            self.deltas[key] = (
                None if body is None else _delta(self, compressed(body, coding), coding)
            )
        return self.deltas[key]


def make_ready(
    document: FeedDocument,
    base_url: str,
    *,
    dated: bool = True,
    window: bool = True,
    query: str = "",
) -> ReadyDocument:
    """Make all answers that this document will ever need; `base_url` has no trailing slash.

    Without `dated` they carry no Last-Modified, and If-Modified-Since is not answered with 304.
    `window` is False for a document of the feed's past. `query` ("?…") belongs to its addresses.
    """
    bodies: dict[Coding, bytes] = {
        "identity": document.body,
        "gzip": document.gzip,
        "br": document.brotli,
    }
    last_modified = document.last_modified.replace(microsecond=0)
    written = http_date(last_modified)
    validators: Headers = [("Last-Modified", written)] if dated else []
    link = (
        link_header(document, base_url, query) if window else past_link_header(document, base_url)
    )
    return ReadyDocument(
        core=document.etag,
        tags=spellings(document.etag),
        last_modified=last_modified,
        last_modified_text=written,
        dated=dated,
        document=document,
        variants={
            coding: _variant(document, coding, bodies[coding], validators, link)
            for coding in CODINGS
        },
    )


def _variant(
    document: FeedDocument, coding: Coding, body: bytes, last_modified: Headers, link: str
) -> Variant:
    not_modified = [
        ("ETag", entity_tag(document.etag, coding)),
        *last_modified,
        ("Cache-Control", cache_control(document.max_age)),
        ("Vary", VARY),
        ("Link", link),
        # The last part of a month is got without its number too (RFC 9110 section 8.7).
        *([("Content-Location", document.location)] if document.location else []),
        *CORS,
        *SAFETY,
    ]
    full = [
        ("Content-Type", MEDIA_TYPES[document.format]),
        ("Content-Length", str(len(body))),
        *not_modified,
    ]
    if coding != "identity":
        full.insert(2, ("Content-Encoding", coding))
    return Variant(full=full, not_modified=not_modified, body=(body,))


def cache_control(max_age: int) -> str:
    """Say how long a document may be kept: readers set their polling rate by it (RFC 9111, RFC 5861).

    The last good document outlives a day of ours down.
    """
    return f"public, max-age={max_age}, stale-while-revalidate={2 * max_age}, stale-if-error=86400"


# What a 226 says itself; the rest is as in the whole document's answer (RFC 3229 section 10.4.1). It
# must not be stored: a cache that does not know deltas would give it to everyone.
_OF_DELTA: Headers = [
    ("IM", "feed"),
    ("Cache-Control", "no-store"),
    ("Vary", "A-IM, If-None-Match, Accept-Encoding"),
]


def _delta(ready: ReadyDocument, body: bytes, coding: Coding) -> Variant:
    own = {"Content-Length", *(name for name, _ in _OF_DELTA)}
    whole = ready.variants[coding].full
    full = [
        *(pair for pair in whole if pair[0] not in own),
        ("Content-Length", str(len(body))),
        *_OF_DELTA,
    ]
    return Variant(full=full, not_modified=[], body=(body,))


def link_header(document: FeedDocument, base_url: str, query: str = "") -> str:
    """Write the Link header (RFC 8288): the document itself, its page, its other formats, its past."""
    page = f"{base_url}/feeds/{quote(document.slug)}"
    links = [
        f'<{page}.{document.format}{query}>; rel="self"',
        f'<{page}{query}>; rel="alternate"; type="text/html"',
    ]
    links += [
        f'<{page}.{other}{query}>; rel="alternate"; type="{MEDIA_TYPES[other].partition(";")[0]}"'
        for other in FORMATS
        if other != document.format
    ]
    return ", ".join([*links, *_others(document)])


def past_link_header(document: FeedDocument, base_url: str) -> str:
    """Write the Link header of a document of the past: to the feed as it is now, and on (RFC 5005)."""
    current = f'<{base_url}/feeds/{quote(document.slug)}.{document.format}>; rel="current"'
    return ", ".join([current, *_others(document)])


def _others(document: FeedDocument) -> list[str]:
    return [f'<{url}>; rel="{rel}"' for rel, url in document.links if rel != "current"]
