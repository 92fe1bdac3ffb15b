"""The first half of every poll: fetch the source's own document and see whether anything changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from feedsvc.domain.parsed import DocumentKind, ParseJob
from feedsvc.domain.source import Claim, Source, SourceKind, Validators
from feedsvc.errors import EmptyFeed, RulesMismatch
from feedsvc.fetch.exchange import FetchRequest, FetchResponse, hash_of
from feedsvc.sources import feed, listing, sitemap
from feedsvc.sources.discover import discover, first_job, is_page, needs_survey
from feedsvc.sources.past import read_past
from feedsvc.sources.reach import Collected, Reach
from feedsvc.sources.recheck import recheck, recheck_only

Collector = Callable[[Source, ParseJob, Reach], Collected]
COLLECTORS: dict[SourceKind, Collector] = {
    "feed": feed.collect,
    "list": listing.collect,
    "sitemap": sitemap.collect,
}
_AS: dict[SourceKind, DocumentKind] = {"feed": "feed", "list": "list", "sitemap": "feed"}
SNIFFED = 2048
GZIP = b"\x1f\x8b\x08"
_SITEMAP = re.compile(rb"<(?:[\w.-]+:)?(?:urlset|sitemapindex)[\s>]")


def collect(claim: Claim, reach: Reach, *, seen_at: datetime) -> Collected:
    """Fetch and read one source, then what its feed no longer shows, then known pages once more.

    Raises `FetchError` and `ParseError` when the source's own document cannot be had or read;
    trouble with single items or article pages is in the result's rejections.
    """
    try:
        found = _collect(claim, reach, seen_at)
    except RulesMismatch as error:
        return recheck_only(claim.source, error, reach, seen_at)
    if found.kind == "feed":
        found = read_past(claim, found, reach, seen_at=seen_at)
    if claim.source.rechecks(found.kind):
        return recheck(found.discovered or claim.source, found, reach, seen_at=seen_at)
    return found


def _collect(claim: Claim, reach: Reach, seen_at: datetime) -> Collected:
    """Read the source's own document: 304 and a known body end here, without a parse."""
    source = claim.source
    response = reach.fetch(first_request(claim))
    seen = first_look(claim, response)
    if seen.unchanged:
        return seen
    if needs_survey(source, response) and not _is_sitemap(response):
        return _discovered(first_job(source, response, seen_at), source, response, reach)
    kind = source.kind if source.kind != "auto" else _sniff(source, response)
    job = replace(first_job(source, response, seen_at), kind=_AS[kind])
    try:
        found = COLLECTORS[kind](source, job, reach)
    except EmptyFeed:
        if not response.delta:
            raise
        found = Collected()  # nothing but the feed itself has changed
    return _completed(found, response, seen.validators, kind)


def _discovered(job: ParseJob, source: Source, response: FetchResponse, reach: Reach) -> Collected:
    """Find out what the source is, and read it as that."""
    discovery = discover(source, job, response, reach)
    settled, first = discovery.source, discovery.response
    job = replace(first_job(settled, first, job.seen_at), kind=_AS[settled.kind])
    found = COLLECTORS[settled.kind](settled, job, reach)
    found = _completed(found, first, _validators(first, Validators()), settled.kind)
    return replace(found, discovered=settled, repairs=(*discovery.notes, *found.repairs))


def _completed(
    found: Collected, response: FetchResponse, validators: Validators, kind: SourceKind
) -> Collected:
    return replace(
        found,
        validators=validators if found.complete else Validators(),
        http_status=response.status,
        wire_bytes=response.wire_bytes + found.wire_bytes,
        kind=kind,
    )


def first_request(claim: Claim) -> FetchRequest:
    """What every poll of the source begins with.

    A feed whose pages are looked at again is wanted whole: it names those pages.
    """
    sent, source = claim.validators, claim.source
    return FetchRequest(
        url=source.url,
        etag=sent.etag,
        last_modified=sent.last_modified,
        delta=source.kind == "feed" and not source.rechecks("feed"),
    )


def first_look(claim: Claim, response: FetchResponse) -> Collected:
    """What the answer to the first request says by itself: `unchanged` needs no parse."""
    sent = claim.validators
    validators = _validators(response, sent)
    return Collected(
        unchanged=response.not_modified or validators.body_hash == sent.body_hash,
        validators=validators,
        http_status=response.status,
        wire_bytes=response.wire_bytes,
        kind=claim.source.kind,
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
        body_hash=response.body_hash or hash_of(response.body),
    )


def _sniff(source: Source, response: FetchResponse) -> SourceKind:
    """A web page with list rules is a list; what is neither that nor a sitemap is asked to be a feed."""
    if _is_sitemap(response):
        return "sitemap"
    return "list" if is_page(response) and "list" in source.rules else "feed"


def _is_sitemap(response: FetchResponse) -> bool:
    """Whether the document is a sitemap by its root; nothing but sitemaps is offered as a gzip file."""
    start = response.body[:SNIFFED].lower()
    return start.startswith(GZIP) or _SITEMAP.search(start) is not None
