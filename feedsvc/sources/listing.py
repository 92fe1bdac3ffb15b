"""A partner without a feed: a list page by rules, and an article page behind each of its rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from feedsvc.domain.item import Item
from feedsvc.domain.page import Page
from feedsvc.domain.parsed import ListedLink, ParsedList, ParsedPage, ParseJob, Rejection
from feedsvc.domain.source import Source
from feedsvc.errors import Aborted, Blocked, FetchError, IngestError, NotAFeed, ParserKilled
from feedsvc.fetch.exchange import FetchRequest
from feedsvc.sources.reach import Collected, Reach
from feedsvc.sources.recheck import PAGE_ACCEPT, marked, page_job, page_validators
from feedsvc.text.urls import canonical

# Article pages fetched in one poll; the rest follow in the next one, oldest last.
MOST_PAGES = 30
# List pages read in one poll, the first included.
MOST_LIST_PAGES = 5


@dataclass(slots=True)
class _Harvest:
    items: list[Item] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    complete: bool = True
    wire_bytes: int = 0
    pages: list[Page] = field(default_factory=list)
    listed: dict[str, datetime | None] = field(default_factory=dict)


def collect(source: Source, job: ParseJob, reach: Reach) -> Collected:
    """Read the list, then every listed article that we do not have yet.

    Following pages are read while a page held nothing but news: more of it may stand behind.
    """
    harvest = _Harvest()
    parsed = _read_list(source, job, reach)
    fresh = _fresh_rows(parsed, reach, harvest)
    page: ParsedList | None = parsed
    seen = {job.url}
    for _ in range(MOST_LIST_PAGES - 1):
        if page is None or not page.next_url or page.next_url in seen:
            break
        if not _has_only_news(page, fresh):
            break
        seen.add(page.next_url)
        page = _following(source, job, page.next_url, reach, harvest)
        fresh = fresh | (_fresh_rows(page, reach, harvest) if page else {})
    harvest.complete &= len(fresh) <= MOST_PAGES
    _gather_all(source, list(fresh.values())[:MOST_PAGES], job, reach, harvest)
    return Collected(
        items=tuple(harvest.items),
        rejections=tuple(harvest.rejections),
        repairs=parsed.repairs,
        complete=harvest.complete,
        wire_bytes=harvest.wire_bytes,
        looked_at=tuple(harvest.pages),
        listed=harvest.listed,
    )


def _read_list(source: Source, job: ParseJob, reach: Reach) -> ParsedList:
    parsed = reach.parse(job)
    if not isinstance(parsed, ParsedList):
        raise NotAFeed(source.url, "the document is not a list page")
    return parsed


def _fresh_rows(page: ParsedList, reach: Reach, harvest: _Harvest) -> dict[str, ListedLink]:
    """The rows of which we have no article yet; of the others a list tells at most a withdrawal."""
    rows = {canonical(row.link): row for row in page.links}
    known = reach.known_links(list(rows))
    for row in (rows[link] for link in known):
        harvest.listed[row.link] = row.published_at
        taken_back = marked(Item(link=row.link, title=row.title))
        if taken_back.marker is not None and taken_back.marker.status == "withdrawn":
            harvest.items.append(replace(taken_back, published_at=row.published_at))
            harvest.listed.pop(row.link)
    return {link: row for link, row in rows.items() if link not in known}


def _has_only_news(page: ParsedList, fresh: dict[str, ListedLink]) -> bool:
    return bool(page.links) and all(canonical(row.link) in fresh for row in page.links)


def _following(
    source: Source, first: ParseJob, url: str, reach: Reach, harvest: _Harvest
) -> ParsedList | None:
    """Read a following list page; its failure is a rejection, and the poll is to be repeated."""
    try:
        response = reach.fetch(FetchRequest(url=url, referer=source.url, accept=PAGE_ACCEPT))
        harvest.wire_bytes += response.wire_bytes
        job = replace(
            first,
            body=response.body,
            url=response.url,
            content_type=response.headers.get("content-type"),
        )
        return _read_list(source, job, reach)
    except Aborted:
        raise
    except IngestError as error:
        harvest.complete = False
        harvest.rejections.append(Rejection(subject=url, kind=error.kind, message=error.cause))
        return None


def _gather_all(
    source: Source, rows: list[ListedLink], job: ParseJob, reach: Reach, harvest: _Harvest
) -> None:
    """Add the article pages to the harvest; at a gatekeeper's challenge we knock no more.

    Raises Blocked when not one page was let through.
    """
    for row in rows:
        try:
            _gather(source, row, job, reach, harvest)
        except Blocked as error:
            if not harvest.items:
                raise
            harvest.complete = False
            harvest.rejections.append(
                Rejection(subject=row.link, kind=error.kind, message=error.cause)
            )
            return


def _gather(
    source: Source, row: ListedLink, list_job: ParseJob, reach: Reach, harvest: _Harvest
) -> None:
    """Add one article page to the harvest; its failure is a rejection that the others do not feel.

    Raises Blocked for a challenge.
    """
    try:
        response = reach.fetch(FetchRequest(url=row.link, referer=source.url, accept=PAGE_ACCEPT))
        harvest.wire_bytes += response.wire_bytes
        page = reach.parse(page_job(source, response, list_job.seen_at))
    except (Aborted, Blocked):
        raise
    except IngestError as error:
        # What may be better next time must be asked for again, though the list page is the same.
        if isinstance(error, FetchError | ParserKilled) and not error.permanent:
            harvest.complete = False
        harvest.rejections.append(Rejection(subject=row.link, kind=error.kind, message=error.cause))
        return
    if isinstance(page, ParsedPage):
        item = _item(page.item, row)
        harvest.items.append(item)
        harvest.listed[row.link] = item.published_at
        validators = page_validators(response)
        harvest.pages.append(
            Page(link=row.link, validators=validators, published_at=item.published_at)
        )


def _item(item: Item, row: ListedLink) -> Item:
    """The page's own words, the list's where the page is silent; the listed link names the article."""
    dated = item.published_at is not None
    item = marked(item, row.title)
    return replace(
        item,
        link=row.link,
        title=item.title or row.title,
        published_at=item.published_at if dated else row.published_at,
        published_precision=item.published_precision if dated else row.published_precision,
    )
