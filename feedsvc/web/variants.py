"""Ready answers: everything of a response to a feed document that can be made before anyone asks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from feedsvc.domain.feed import FORMATS, MEDIA_TYPES, FeedDocument
from feedsvc.web.conditional import CODINGS, Coding, entity_tag, http_date, spellings

Headers = list[tuple[str, str]]

# Readers set their polling rate by max-age; the last good document outlives a day of ours down.
CACHE_CONTROL = "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400"
CORS: Headers = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Last-Modified, Link"),
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
    """One feed document as answers. `tags` are the If-None-Match values that a reader usually sends.

    `dated` is False where the document is told without its date (see `make_ready`).
    """

    core: str
    tags: frozenset[str]
    last_modified: datetime
    last_modified_text: str
    dated: bool
    variants: dict[Coding, Variant]


def make_ready(document: FeedDocument, base_url: str, *, dated: bool = True) -> ReadyDocument:
    """Make all answers that this document will ever need; `base_url` has no trailing slash.

    Without `dated` they carry no Last-Modified, and If-Modified-Since is not answered with 304.
    """
    bodies: dict[Coding, bytes] = {
        "identity": document.body,
        "gzip": document.gzip,
        "br": document.brotli,
    }
    last_modified = document.last_modified.replace(microsecond=0)
    written = http_date(last_modified)
    validators: Headers = [("Last-Modified", written)] if dated else []
    link = link_header(document, base_url)
    return ReadyDocument(
        core=document.etag,
        tags=spellings(document.etag),
        last_modified=last_modified,
        last_modified_text=written,
        dated=dated,
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
        ("Cache-Control", CACHE_CONTROL),
        ("Vary", "Accept-Encoding"),
        ("Link", link),
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


def link_header(document: FeedDocument, base_url: str) -> str:
    """Write the Link header (RFC 8288): the document itself, its page for people, its other formats."""
    page = f"{base_url}/feeds/{quote(document.slug)}"
    links = [
        f'<{page}.{document.format}>; rel="self"',
        f'<{page}>; rel="alternate"; type="text/html"',
    ]
    links += [
        f'<{page}.{other}>; rel="alternate"; type="{MEDIA_TYPES[other].partition(";")[0]}"'
        for other in FORMATS
        if other != document.format
    ]
    return ", ".join(links)
