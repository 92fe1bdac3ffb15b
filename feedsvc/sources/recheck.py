"""The last part of a poll: looking again at pages that we have, for what a list does not tell.

A page is asked with its own validators. 404 and 410 mean that the article is gone, if the page
says so twice; a list that changed its pages' text makes a revision of it. A feed's pages are asked
only whether they are withdrawn: its text stands in the feed. Everything else a page may answer
(5xx, a notice of maintenance, a challenge, nothing) says nothing of the article.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from feedsvc.domain.item import Item, Marker
from feedsvc.domain.page import Page
from feedsvc.domain.parsed import ParsedPage, ParseJob, Rejection
from feedsvc.domain.source import Source, SourceKind, Validators
from feedsvc.errors import (
    Aborted,
    Blocked,
    FetchError,
    HttpStatus,
    IngestError,
    RulesMismatch,
)
from feedsvc.fetch.exchange import FetchRequest, FetchResponse, hash_of
from feedsvc.parse.feeds.markers import marked_title, reason_in
from feedsvc.sources.absence import absence
from feedsvc.sources.parts import Turn, only_page, whole_article
from feedsvc.sources.reach import Collected, Reach
from feedsvc.text.urls import canonical

PAGE_ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
GONE = frozenset({404, 410})
# A partner that answers nothing this often in a row is down, which says nothing of its articles.
MOST_FAILURES = 3
# So many and more than half of the pages gone at once: rather the site is broken than the articles withdrawn.
MASS = 4
GONE_REASON = "来源已撤下原文页面"


@dataclass(slots=True)
class _Look:
    kind: SourceKind
    seen_at: datetime
    asked: int = 0
    failures: int = 0
    wire_bytes: int = 0
    items: list[Item] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    missing: list[Page] = field(default_factory=list)


def recheck(source: Source, found: Collected, reach: Reach, *, seen_at: datetime) -> Collected:
    """Add to what a poll brought home what the source's known pages say now; failures are nothing."""
    look = _Look(kind=found.kind, seen_at=seen_at)
    done = [page.link for page in found.looked_at]
    for page in reach.watched(found.listed, done):
        if look.failures >= MOST_FAILURES:
            break
        look.asked += 1
        _look_at(source, page, reach, look)
    _judge_missing(source, reach, look)
    return replace(
        found,
        rechecked=tuple(look.items),
        looked_at=(*found.looked_at, *look.pages),
        rejections=(*found.rejections, *look.rejections),
        wire_bytes=found.wire_bytes + look.wire_bytes,
    )


def recheck_only(
    source: Source, failure: IngestError, reach: Reach, seen_at: datetime
) -> Collected:
    """Look at known pages of a list that cannot be read: they may be withdrawn, or changed as it is.

    Raises `failure` where there is nothing to look at.
    """
    if source.kind != "list" or not source.rechecks(source.kind):
        raise failure
    found = recheck(source, Collected(kind=source.kind), reach, seen_at=seen_at)
    if not (found.rechecked or found.rejections):
        raise failure
    return replace(found, failure=failure)


def takes_back(item: Item) -> bool:
    """Whether an item says that its article is withdrawn, and surely so."""
    marker = item.marker
    return marker is not None and marker.status == "withdrawn" and marker.certain


def marked(item: Item, listed_title: str = "") -> Item:
    """Turn the mark in a page's title (撤稿, 更正), or in that of its row, into a marker."""
    for told in (item.title, listed_title):
        status, title = marked_title(told)
        if status is not None:
            reason = reason_in(item.content_html) if status == "withdrawn" else ""
            marker = Marker(status=status, reason=reason, evidence=told)
            return replace(item, title=title, marker=marker)
    return item


def page_job(source: Source, response: FetchResponse, seen_at: datetime) -> ParseJob:
    """Return the job of reading one article page of a source."""
    return ParseJob(
        kind="page",
        body=response.body,
        url=response.url,
        seen_at=seen_at,
        content_type=response.headers.get("content-type"),
        charset=source.charset,
        timezone=source.timezone,
        rules=source.rules or None,
    )


def turning(source: Source, seen_at: datetime, reach: Reach) -> Turn:
    """Return how the further pages of one article of a source are fetched and read."""

    def turn(url: str) -> tuple[ParsedPage, FetchResponse]:
        response = reach.fetch(FetchRequest(url=url, referer=source.url, accept=PAGE_ACCEPT))
        return only_page(reach.parse(page_job(source, response, seen_at)), url), response

    return turn


def page_validators(response: FetchResponse) -> Validators:
    """Return what the next look at a page is conditional on."""
    return Validators(
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
        body_hash=response.body_hash or hash_of(response.body),
    )


def _look_at(source: Source, page: Page, reach: Reach, look: _Look) -> None:
    sent = page.validators
    try:
        response = reach.fetch(_request(source, page, sent))
        look.failures = 0
        look.wire_bytes += response.wire_bytes
        got = sent if response.not_modified else page_validators(response)
        if response.not_modified or got.body_hash == sent.body_hash:
            look.pages.append(replace(page, validators=got, gone=False))
        elif _leads_to_front(source, page, response):
            _take_absence(page, f"{page.link} → {response.url}", look)
        else:
            _take(source, page, response, reach, look)
    except Aborted:
        raise
    except HttpStatus as error:
        look.failures = 0 if error.status in GONE else look.failures + 1
        if error.status in GONE:
            look.missing.append(page)
    except IngestError as error:
        _note_failure(error, page, look)


def _request(source: Source, page: Page, sent: Validators) -> FetchRequest:
    return FetchRequest(
        url=page.link,
        etag=sent.etag,
        last_modified=sent.last_modified,
        referer=source.url,
        accept=PAGE_ACCEPT,
    )


def _note_failure(error: IngestError, page: Page, look: _Look) -> None:
    if isinstance(error, Blocked):
        # A gatekeeper is not asked twenty times.
        look.failures = MOST_FAILURES
    elif isinstance(error, FetchError):
        look.failures += 1
    else:
        look.rejections.append(Rejection(subject=page.link, kind=error.kind, message=error.cause))


def _take(source: Source, page: Page, response: FetchResponse, reach: Reach, look: _Look) -> None:
    """Make an item of what a page says now, unless it says nothing of its article."""
    item = _read(source, response, reach, look)
    said = absence(item)
    if said == "gone":
        _take_absence(page, f"{page.link}：{item.title}", look)
    if said is not None:
        return
    item = marked(replace(item, link=page.link, rechecked=True))
    if look.kind == "list" or item.marker is not None:
        look.items.append(item)
    look.pages.append(replace(page, validators=page_validators(response), gone=False))


def _read(source: Source, response: FetchResponse, reach: Reach, look: _Look) -> Item:
    """Read a page by the source's rules; a notice that its article is gone has no place for them."""
    job = page_job(source, response, look.seen_at)
    try:
        parsed = reach.parse(job)
    except RulesMismatch:
        parsed = reach.parse(replace(job, rules=None))
        if not isinstance(parsed, ParsedPage) or absence(parsed.item) is None:
            raise
    page = only_page(parsed, job.url)
    if look.kind != "list" or absence(page.item) is not None:
        return page.item
    whole = whole_article(page, job.url, turning(source, look.seen_at, reach))
    look.wire_bytes += whole.wire_bytes
    return whole.item


def _take_absence(page: Page, evidence: str, look: _Look) -> None:
    """A page that only reads as if it were gone: an editor is asked, and it is looked at again."""
    look.items.append(_gone(page, evidence, look.seen_at, certain=False))
    look.pages.append(replace(page, validators=Validators(), gone=False))


def _leads_to_front(source: Source, page: Page, response: FetchResponse) -> bool:
    """Whether the partner sends whoever asks for the page to its home page or to the list."""
    if not response.hops or canonical(response.url) == canonical(page.link):
        return False
    front = urlsplit(response.url).path.rstrip("/") in {"", "/index.html", "/index.shtml"}
    return front or canonical(response.url) == canonical(source.url)


def _judge_missing(source: Source, reach: Reach, look: _Look) -> None:
    """Ask each missing page once more; what is missing twice is gone, unless most of the site is."""
    gone: list[tuple[Page, int]] = []
    for page in look.missing:
        try:
            reach.fetch(_request(source, page, Validators()))
        except Aborted:
            raise
        except HttpStatus as error:
            if error.status in GONE:
                gone.append((page, error.status))
        except IngestError:
            continue
    certain = not (len(gone) >= MASS and 2 * len(gone) > look.asked)
    for page, status in gone:
        look.items.append(_gone(page, f"HTTP {status} {page.link}", look.seen_at, certain=certain))
        look.pages.append(replace(page, validators=Validators(), gone=certain))


def _gone(page: Page, evidence: str, seen_at: datetime, *, certain: bool) -> Item:
    marker = Marker(
        status="withdrawn", reason=GONE_REASON, at=seen_at, evidence=evidence, certain=certain
    )
    return Item(link=page.link, marker=marker, updated_at=seen_at, rechecked=True)
