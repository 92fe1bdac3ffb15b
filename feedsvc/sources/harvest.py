"""The article pages behind what a list, or a sitemap, names: fetched and read one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from feedsvc.domain.item import Item
from feedsvc.domain.page import Page
from feedsvc.domain.parsed import ParseJob, Rejection
from feedsvc.domain.source import Source
from feedsvc.errors import Aborted, Blocked, FetchError, IngestError, ParserKilled
from feedsvc.fetch.exchange import FetchRequest
from feedsvc.sources.parts import only_page, whole_article
from feedsvc.sources.reach import Reach
from feedsvc.sources.recheck import PAGE_ACCEPT, marked, page_job, page_validators, turning

# Article pages fetched in one poll; the rest follow in the next one, oldest last.
MOST_PAGES = 30


@dataclass(slots=True)
class Harvest:
    """What one poll has gathered so far; `complete` as in `Collected`."""

    items: list[Item] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    complete: bool = True
    wire_bytes: int = 0
    pages: list[Page] = field(default_factory=list)
    listed: dict[str, datetime | None] = field(default_factory=dict)

    def reject(self, subject: str, error: IngestError) -> None:
        """Note what could not be had, and why."""
        self.rejections.append(Rejection(subject=subject, kind=error.kind, message=error.cause))


def gather_pages(
    source: Source, rows: Sequence[Item], job: ParseJob, reach: Reach, harvest: Harvest
) -> None:
    """Add the pages of the first rows to the harvest; at a gatekeeper's challenge we knock no more.

    A row is an item without a text: its link, and what the list says of it. Raises Blocked when not
    one page was let through.
    """
    harvest.complete &= len(rows) <= MOST_PAGES
    for row in rows[:MOST_PAGES]:
        try:
            _gather(source, row, job, reach, harvest)
        except Blocked as error:
            if not harvest.items:
                raise
            harvest.complete = False
            harvest.reject(row.link or "", error)
            return


def _gather(source: Source, row: Item, job: ParseJob, reach: Reach, harvest: Harvest) -> None:
    """Add one article page to the harvest; its failure is a rejection that the others do not feel.

    Raises Blocked for a challenge.
    """
    link = row.link or ""
    try:
        response = reach.fetch(FetchRequest(url=link, referer=source.url, accept=PAGE_ACCEPT))
        harvest.wire_bytes += response.wire_bytes
        page = only_page(reach.parse(page_job(source, response, job.seen_at)), response.url)
        whole = whole_article(page, response.url, turning(source, job.seen_at, reach))
        harvest.wire_bytes += whole.wire_bytes
    except (Aborted, Blocked):
        raise
    except IngestError as error:
        # What may be better next time must be asked for again, though the list page is the same.
        if isinstance(error, FetchError | ParserKilled) and not error.permanent:
            harvest.complete = False
        harvest.reject(link, error)
        return
    item = _filled(whole.item, row)
    harvest.items.append(item)
    harvest.listed[link] = item.published_at
    harvest.pages.append(
        Page(link=link, validators=page_validators(response), published_at=item.published_at)
    )


def _filled(item: Item, row: Item) -> Item:
    """The page's own words, the list's where the page is silent; the listed link names the article."""
    dated = item.published_at is not None
    item = marked(item, row.title)
    return replace(
        item,
        link=row.link,
        title=item.title or row.title,
        published_at=item.published_at if dated else row.published_at,
        published_precision=item.published_precision if dated else row.published_precision,
        attribution=item.attribution or row.attribution,
        language=item.language or row.language,
        categories=item.categories or row.categories,
    )
