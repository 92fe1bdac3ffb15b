"""The first half of every poll: fetch the source's own document and see whether anything changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from feedsvc.domain.parsed import ParseJob
from feedsvc.domain.source import Claim, Source, SourceKind, Validators
from feedsvc.fetch.exchange import FetchRequest, FetchResponse
from feedsvc.sources import feed, listing, sitemap
from feedsvc.sources.reach import Collected, Reach

Collector = Callable[[Source, ParseJob, Reach], Collected]
COLLECTORS: dict[SourceKind, Collector] = {
    "feed": feed.collect,
    "list": listing.collect,
    "sitemap": sitemap.collect,
}
SNIFFED = 2048
_SITEMAP = re.compile(rb"<(?:[\w.-]+:)?(?:urlset|sitemapindex)[\s>]")


def collect(claim: Claim, reach: Reach, *, seen_at: datetime) -> Collected:
    """Fetch and read one source: 304 and a known body end here, without a parse.

    Raises `FetchError` and `ParseError` when the source's own document cannot be had or read;
    trouble with single items or article pages is in the result's rejections.
    """
    source, sent = claim.source, claim.validators
    response = reach.fetch(
        FetchRequest(url=source.url, etag=sent.etag, last_modified=sent.last_modified)
    )
    validators = _validators(response, sent)
    seen = Collected(
        validators=validators, http_status=response.status, wire_bytes=response.wire_bytes
    )
    if response.not_modified or validators.body_hash == sent.body_hash:
        return replace(seen, unchanged=True, kind=source.kind)
    kind = source.kind if source.kind != "auto" else _sniff(source, response)
    job = ParseJob(
        kind="list" if kind == "list" else "feed",
        body=response.body,
        url=response.url,
        seen_at=seen_at,
        content_type=response.headers.get("content-type"),
        charset=source.charset,
        timezone=source.timezone,
        rules=source.rules or None,
        content_location=response.headers.get("content-location"),
    )
    found = COLLECTORS[kind](source, job, reach)
    return replace(
        found,
        validators=validators if found.complete else Validators(),
        http_status=response.status,
        wire_bytes=response.wire_bytes + found.wire_bytes,
        kind=kind,
    )


def _validators(response: FetchResponse, sent: Validators) -> Validators:
    if response.not_modified:
        # A 304 may bring newer validators (RFC 9111, section 4.3.4); the body is the one we know.
        return Validators(
            etag=response.headers.get("etag", sent.etag),
            last_modified=response.headers.get("last-modified", sent.last_modified),
            body_hash=sent.body_hash,
        )
    return Validators(
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
        body_hash=hashlib.blake2b(response.body, digest_size=16).hexdigest(),
    )


def _sniff(source: Source, response: FetchResponse) -> SourceKind:
    """A web page with list rules is a list; what is neither that nor a sitemap is asked to be a feed."""
    start = response.body[:SNIFFED].lstrip().lower()
    if _SITEMAP.search(start):
        return "sitemap"
    is_page = start.startswith((b"<!doctype html", b"<html")) or (
        "html" in response.headers.get("content-type", "") and b"<rss" not in start
    )
    return "list" if is_page and "list" in source.rules else "feed"
