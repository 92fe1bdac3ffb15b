"""The first half of a preview: what is behind a URL, and the first items that a poll would bring home."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ParsedFeed, ParsedList, ParsedPage, ParseJob, Rejection, Survey
from feedsvc.domain.source import Source, SourceKind
from feedsvc.fetch.exchange import FetchRequest, FetchResponse
from feedsvc.sources.discover import (
    MOST_FEEDS,
    Discovery,
    as_list,
    first_job,
    follow,
    survey_of,
    try_well_known,
)
from feedsvc.sources.harvest import Harvest, gather_pages
from feedsvc.sources.reach import Reach

# Items shown, and article pages read for them; each page is one more request to the partner.
MOST_ITEMS = 10
MOST_PAGES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one look at a URL found.

    `source` is what would be polled (None: nothing can be). `items` are its first ones; those whose
    link is in `read` come with their article page, the others as the list or feed tells them.
    """

    url: str
    survey: Survey
    source: Source | None = None
    items: tuple[Item, ...] = ()
    read: frozenset[str] = frozenset()
    rejections: tuple[Rejection, ...] = ()


def sample(source: Source, reach: Reach, *, seen_at: datetime) -> Sample:
    """Look at a source that is not stored.

    Rules that the operator gave are kept to; else the feed that the page names is followed, and a
    list is read by the top proposal, however sure that is. Raises `FetchError` and `ParseError`
    for the document itself, `RulesMismatch` for given rules that find nothing.
    """
    response = reach.fetch(FetchRequest(url=source.url))
    job = first_job(source, response, seen_at)
    surveyed = survey_of(job, reach)
    found = _choose(source, job, response, surveyed, reach)
    if found is None:
        items = _article(job, reach) if surveyed.looks_like == "article" else ()
        return Sample(url=response.url, survey=surveyed, items=items)
    seen = Sample(url=response.url, survey=surveyed, source=found.source)
    return _looked_at(seen, found, first_job(found.source, found.response, seen_at), reach)


def _choose(
    source: Source, job: ParseJob, response: FetchResponse, surveyed: Survey, reach: Reach
) -> Discovery | None:
    if "list" in source.rules:
        return _settled(source, "list", response)
    if surveyed.looks_like == "feed":
        return _settled(source, "feed", response)
    if surveyed.looks_like == "sitemap":
        return _settled(source, "sitemap", response)
    if surveyed.looks_like == "article":
        return None
    for link in surveyed.feeds[:MOST_FEEDS]:
        found = follow(source, link.url, job, reach)
        if found is not None:
            return found
    if surveyed.proposals:
        return as_list(source, surveyed.proposals[0], response)
    return try_well_known(source, job, reach)


def _settled(source: Source, kind: SourceKind, response: FetchResponse) -> Discovery:
    return Discovery(source=replace(source, kind=kind), response=response)


def _looked_at(seen: Sample, found: Discovery, job: ParseJob, reach: Reach) -> Sample:
    """The first items of what was chosen, with the article pages behind the first rows."""
    source = found.source
    parsed = reach.parse(replace(job, kind="list" if source.kind == "list" else "feed"))
    if isinstance(parsed, ParsedFeed):
        rows = parsed.items[:MOST_ITEMS]
        if source.kind == "feed":
            return replace(seen, items=rows, rejections=parsed.rejections)
    elif isinstance(parsed, ParsedList):
        rows = tuple(
            Item(
                link=row.link,
                title=row.title,
                published_at=row.published_at,
                published_precision=row.published_precision,
            )
            for row in parsed.links[:MOST_ITEMS]
        )
    else:
        return seen
    harvest = Harvest()
    gather_pages(source, rows[:MOST_PAGES], job, reach, harvest)
    whole = {item.link: item for item in harvest.items if item.link}
    return replace(
        seen,
        items=tuple(whole.get(row.link or "", row) for row in rows),
        read=frozenset(whole),
        rejections=tuple(harvest.rejections),
    )


def _article(job: ParseJob, reach: Reach) -> tuple[Item, ...]:
    parsed = reach.parse(replace(job, kind="page"))
    return (parsed.item,) if isinstance(parsed, ParsedPage) else ()
