"""A partner without a feed: a list page by rules, and an article page behind each of its rows."""

from __future__ import annotations

from dataclasses import replace

from feedsvc.domain.item import Item
from feedsvc.domain.parsed import ListedLink, ParsedList, ParseJob
from feedsvc.domain.source import Source
from feedsvc.errors import Aborted, IngestError, NotAFeed
from feedsvc.fetch.exchange import FetchRequest
from feedsvc.sources.harvest import Harvest, gather_pages
from feedsvc.sources.reach import Collected, Reach
from feedsvc.sources.recheck import PAGE_ACCEPT, marked
from feedsvc.text.urls import canonical

# List pages read in one poll, the first included.
MOST_LIST_PAGES = 5


def collect(source: Source, job: ParseJob, reach: Reach) -> Collected:
    """Read the list, then every listed article that we do not have yet.

    Following pages are read while a page held nothing but news: more of it may stand behind.
    """
    harvest = Harvest()
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
    gather_pages(source, [row_item(row) for row in fresh.values()], job, reach, harvest)
    return Collected(
        items=tuple(harvest.items),
        rejections=tuple(harvest.rejections),
        repairs=parsed.repairs,
        complete=harvest.complete,
        wire_bytes=harvest.wire_bytes,
        looked_at=tuple(harvest.pages),
        listed=harvest.listed,
        list_page=parsed,
    )


def _read_list(source: Source, job: ParseJob, reach: Reach) -> ParsedList:
    parsed = reach.parse(job)
    if not isinstance(parsed, ParsedList):
        raise NotAFeed(source.url, "the document is not a list page")
    return parsed


def _fresh_rows(page: ParsedList, reach: Reach, harvest: Harvest) -> dict[str, ListedLink]:
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
    source: Source, first: ParseJob, url: str, reach: Reach, harvest: Harvest
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
            content_location=response.headers.get("content-location"),
        )
        return _read_list(source, job, reach)
    except Aborted:
        raise
    except IngestError as error:
        harvest.complete = False
        harvest.reject(url, error)
        return None


def row_item(row: ListedLink) -> Item:
    """What the list says of an article."""
    return Item(
        link=row.link,
        title=row.title,
        published_at=row.published_at,
        published_precision=row.published_precision,
    )
