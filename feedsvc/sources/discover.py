"""A source that nobody said the kind of: what its first document is, settled for all later polls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin

from feedsvc.domain.item import Repair
from feedsvc.domain.parsed import ParsedFeed, ParseJob, Proposal, Survey
from feedsvc.domain.source import Source, SourceKind
from feedsvc.errors import Aborted, IngestError, NotAFeed, RulesMismatch
from feedsvc.fetch.exchange import FetchRequest, FetchResponse
from feedsvc.sources.reach import Reach

# A proposal is followed without asking anybody from this confidence on.
RELIED_ON = 0.75
# Feeds that a page names and that are tried, and paths where feeds stand unnamed.
MOST_FEEDS = 3
WELL_KNOWN = ("/rss.xml", "/feed", "/atom.xml", "/index.xml")
SNIFFED = 2048
_LOOK = "look at it with `feedsvc sources preview URL`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """The source as it is polled from now on, the document it starts with, and notes for the run."""

    source: Source
    response: FetchResponse
    notes: tuple[Repair, ...] = ()


def needs_survey(source: Source, response: FetchResponse) -> bool:
    """Whether the first document of a source of unknown kind must be looked at: a web page or JSON."""
    if source.kind != "auto" or "list" in source.rules:
        return False
    start = response.body[:SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"{", b"[")):
        return b"jsonfeed.org/version" not in start
    return is_page(response)


def is_page(response: FetchResponse) -> bool:
    """Whether an answer is a web page by its beginning or its content type."""
    start = response.body[:SNIFFED].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html")) or (
        "html" in response.headers.get("content-type", "") and b"<rss" not in start
    )


def discover(source: Source, job: ParseJob, response: FetchResponse, reach: Reach) -> Discovery:
    """Settle what a source is: a feed that its page names, else the list that its page is.

    Raises NotAFeed or RulesMismatch that says what to do where nothing is sure enough, and
    what fetching and reading raise.
    """
    if not is_page(response):
        # Whether JSON is one of the kinds of feed, its reader knows best.
        found = _as_feed(source, job, response, reach)
        if found is not None:
            return found
    surveyed = survey_of(job, reach)
    if surveyed.looks_like != "article":
        for link in surveyed.feeds[:MOST_FEEDS]:
            found = follow(source, link.url, job, reach)
            if found is not None:
                return found
        best = surveyed.proposals[0] if surveyed.proposals else None
        if best is not None and best.confidence >= RELIED_ON:
            return as_list(source, best, response)
    found = try_well_known(source, job, reach)
    if found is not None:
        return found
    raise _undecided(source, surveyed)


def first_job(source: Source, response: FetchResponse, seen_at: datetime) -> ParseJob:
    """Return the job of reading a source's own document, as a feed unless something else is said."""
    return ParseJob(
        kind="feed",
        body=response.body,
        url=response.url,
        seen_at=seen_at,
        content_type=response.headers.get("content-type"),
        charset=source.charset,
        timezone=source.timezone,
        rules=source.rules or None,
        content_location=response.headers.get("content-location"),
    )


def survey_of(job: ParseJob, reach: Reach) -> Survey:
    """Say what a document is."""
    surveyed = reach.parse(replace(job, kind="survey", rules=None))
    if not isinstance(surveyed, Survey):
        raise NotAFeed(job.url, "the document cannot be surveyed")
    return surveyed


def follow(source: Source, url: str, job: ParseJob, reach: Reach) -> Discovery | None:
    """The source as the feed at `url`, if there is one with items."""
    try:
        response = reach.fetch(FetchRequest(url=url, referer=source.url))
    except Aborted:
        raise
    except IngestError:
        return None
    found = _as_feed(source, first_job(source, response, job.seen_at), response, reach)
    if found is None:
        return None
    return replace(
        found,
        source=replace(found.source, url=url, given_url=source.url),
        notes=(Repair(kind="discovered_feed", detail=url),),
    )


def _as_feed(
    source: Source, job: ParseJob, response: FetchResponse, reach: Reach
) -> Discovery | None:
    """The source as the feed that a document is, if it is one and has items."""
    try:
        parsed = reach.parse(job)
    except Aborted:
        raise
    except IngestError:
        return None
    if not isinstance(parsed, ParsedFeed) or not parsed.items:
        return None
    kind: SourceKind = "sitemap" if parsed.format.startswith("sitemap") else "feed"
    return Discovery(source=replace(source, kind=kind), response=response)


def try_well_known(source: Source, job: ParseJob, reach: Reach) -> Discovery | None:
    """The first feed with items at one of the paths where sites keep feeds that no page names."""
    for path in WELL_KNOWN:
        found = follow(source, urljoin(job.url, path), job, reach)
        if found is not None:
            return found
    return None


def as_list(source: Source, proposal: Proposal, response: FetchResponse) -> Discovery:
    """The source as a list that is read by a proposal."""
    rules = {**source.rules, **proposal.rules}
    items = proposal.rules["list"]["items"]
    return Discovery(
        source=replace(source, kind="list", rules=rules, given_url=source.url),
        response=response,
        notes=(Repair(kind="discovered_list", detail=f"{items} ({proposal.confidence:.0%})"),),
    )


def _undecided(source: Source, surveyed: Survey) -> IngestError:
    if surveyed.looks_like == "article":
        return NotAFeed(
            source.url, "the page is one article; give the list page or the feed that it stands in"
        )
    if surveyed.proposals:
        best = surveyed.proposals[0]
        return RulesMismatch(
            source.url,
            f"the page may be a list, but no proposal is sure enough (the best one"
            f" {best.confidence:.0%}); {_LOOK}, then add it with --kind list and --rules",
        )
    return NotAFeed(
        source.url,
        f"the page is no feed, names none, and no list of articles can be made out; {_LOOK}",
    )
