"""A source that nobody said the kind of: what its first document is, settled for all later polls."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from feedsvc.domain.item import Repair
from feedsvc.domain.parsed import ParsedFeed, ParseJob, Proposal, Survey
from feedsvc.domain.source import Source
from feedsvc.errors import Aborted, IngestError, NotAFeed, RulesMismatch
from feedsvc.fetch.exchange import FetchRequest, FetchResponse
from feedsvc.sources.reach import Reach

# A proposal is followed without asking anybody from this confidence on.
RELIED_ON = 0.75
# Feeds that a page names and that are tried, and paths where feeds stand unnamed.
MOST_FEEDS = 3
WELL_KNOWN = ("/rss.xml", "/feed", "/atom.xml", "/index.xml")
SNIFFED = 2048
# JSON that is a feed by its words: JSON Feed, or the agencies' ninjs.
_JSON_FEED = re.compile(
    rb'jsonfeed\.org/version|"(?:versioncreated|pubstatus|body_x?html|headline)"'
)
_LOOK = "look at it with `feedsvc sources preview URL`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """The source as it is polled from now on, the document it starts with, and a note for the run."""

    source: Source
    response: FetchResponse
    note: Repair


def needs_survey(source: Source, response: FetchResponse) -> bool:
    """Whether the first document of a source of unknown kind must be looked at: a web page or JSON."""
    if source.kind != "auto" or "list" in source.rules:
        return False
    start = response.body[:SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"{", b"[")):
        return _JSON_FEED.search(start) is None
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
    surveyed = survey_of(job, reach)
    if surveyed.looks_like != "article":
        for link in surveyed.feeds[:MOST_FEEDS]:
            found = follow(source, link.url, job, reach)
            if found is not None:
                return found
        best = surveyed.proposals[0] if surveyed.proposals else None
        if best is not None and best.confidence >= RELIED_ON:
            return _as_list(source, best, response)
    found = try_well_known(source, job, reach)
    if found is not None:
        return found
    raise _undecided(source, surveyed)


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
        parsed = reach.parse(
            replace(
                job,
                kind="feed",
                body=response.body,
                url=response.url,
                content_type=response.headers.get("content-type"),
            )
        )
    except Aborted:
        raise
    except IngestError:
        return None
    if not isinstance(parsed, ParsedFeed) or not parsed.items:
        return None
    settled = replace(source, kind="feed", url=url, given_url=source.url)
    return Discovery(
        source=settled, response=response, note=Repair(kind="discovered_feed", detail=url)
    )


def try_well_known(source: Source, job: ParseJob, reach: Reach) -> Discovery | None:
    """The first feed with items at one of the paths where sites keep feeds that no page names."""
    for path in WELL_KNOWN:
        found = follow(source, urljoin(job.url, path), job, reach)
        if found is not None:
            return found
    return None


def _as_list(source: Source, proposal: Proposal, response: FetchResponse) -> Discovery:
    rules = {**source.rules, **proposal.rules}
    items = proposal.rules["list"]["items"]
    return Discovery(
        source=replace(source, kind="list", rules=rules, given_url=source.url),
        response=response,
        note=Repair(kind="discovered_list", detail=f"{items} ({proposal.confidence:.0%})"),
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
