"""A source's kept documents, read anew by its settings: drafts as a poll would make them.

Of each article the newest kept words count. Nothing is fetched and nothing is stored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TypeVar

from feedsvc.domain.article import Draft
from feedsvc.domain.item import Item
from feedsvc.domain.parsed import Parsed, ParsedFeed, ParsedList, Rejection
from feedsvc.domain.response import KeptResponse
from feedsvc.domain.source import Source
from feedsvc.errors import Blocked, IngestError
from feedsvc.ingest.identity import assign_keys
from feedsvc.ingest.judge import normalised
from feedsvc.ingest.replay import Body, ReplayReach, job_of, newest_by_address
from feedsvc.ingest.understand import Parsers
from feedsvc.sources.harvest import Harvest, gather_pages
from feedsvc.sources.listing import row_item
from feedsvc.text.urls import canonical

# A feed that changes at every poll leaves thousands of documents that hold the same articles.
MOST_DOCUMENTS = 500
# At most what one poll fetches (`harvest.MOST_PAGES`).
ROWS_AT_ONCE = 20
WORKERS = 2
AHEAD = 4

Given = TypeVar("Given")
Made = TypeVar("Made")


def _nobody(_done: int, _total: int) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What there is to read: answers (the newest first), their bodies, and the parsers.

    `done` is told how many documents of how many have been read.
    """

    responses: Sequence[KeptResponse]
    body: Body
    parsers: Parsers
    done: Callable[[int, int], None] = _nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What the newest list page gives by one set of rules: its links, or why it gives none."""

    links: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """What all kept documents of a source say; `rows` is None for a source without a list page."""

    drafts: tuple[Draft, ...]
    rejections: tuple[Rejection, ...]
    rows: Rows | None = None


def reread(
    source: Source, kept: Kept, *, expected: int, known_links: Callable[[Sequence[str]], set[str]]
) -> Reread:
    """Read everything that is kept of a source.

    `expected` is the number of articles stored from it: a feed's older documents are left alone once
    all have been seen. `known_links` tells which addresses are articles, so that the further pages
    of long ones are not taken for such.
    """
    kind = source.kind
    if kind == "auto" and any(each.kind == "list" for each in kept.responses):
        kind = "list"
    if kind in {"list", "sitemap"}:
        return _list(source, kept, known_links)
    return _feed(source, kept, expected)


def newest_rows(source: Source, kept: Kept) -> Rows | None:
    """Read the newest kept list page, the source's own rather than a following one; None for none."""
    lists = [each for each in kept.responses if each.kind == "list"]
    lists.sort(key=lambda each: canonical(each.asked_url) != canonical(source.url))
    for each in lists:
        if kept.body(each) is not None:
            parsed = _tried(source, kept, each)
            if isinstance(parsed, ParsedList):
                return Rows(links=tuple(row.link for row in parsed.links))
            return Rows(error=parsed.message if isinstance(parsed, Rejection) else "no list")
    return None


def _feed(source: Source, kept: Kept, expected: int) -> Reread:
    drafts: dict[str, Draft] = {}
    rejections: list[Rejection] = []
    documents = list(kept.responses[:MOST_DOCUMENTS])
    read = partial(_tried, source, kept)
    for number, (response, parsed) in enumerate(_side_by_side(read, documents), 1):
        kept.done(number, len(documents))
        if parsed is None:
            # What came after a lost document is newer; what came before it may be outdated.
            break
        if isinstance(parsed, Rejection):
            rejections.append(parsed)
        elif isinstance(parsed, ParsedFeed):
            made, refused = normalised(assign_keys(parsed.items), response.fetched_at)
            rejections.extend((*parsed.rejections, *refused))
            for draft in made:
                drafts.setdefault(draft.keys.primary, draft)
        if len(drafts) >= expected:
            break
    return Reread(drafts=tuple(drafts.values()), rejections=tuple(rejections))


def _list(source: Source, kept: Kept, known_links: Callable[[Sequence[str]], set[str]]) -> Reread:
    pages = newest_by_address(each for each in kept.responses if each.kind == "page")
    rows = _rows(source, kept, pages.keys())
    strays = [link for link in pages if link not in rows]
    articles = known_links(strays)
    wanted = [rows[link] for link in pages if link in rows]
    wanted += [Item(link=pages[link].asked_url) for link in strays if link in articles]

    def read(part: Sequence[Item]) -> Harvest:
        reach = ReplayReach(pages, kept.body, kept.parsers)
        return _read_part(source, part, reach, pages)

    drafts: list[Draft] = []
    rejections: list[Rejection] = []
    done = 0
    for part, found in _side_by_side(read, list(_parts(wanted))):
        done += len(part)
        kept.done(done, len(wanted))
        rejections.extend(found.rejections)
        for item, keys in assign_keys(found.items):
            response = pages[canonical(item.link or "")]
            made, refused = normalised([(item, keys)], response.fetched_at)
            drafts.extend(made)
            rejections.extend(refused)
    return Reread(
        drafts=tuple(drafts), rejections=tuple(rejections), rows=newest_rows(source, kept)
    )


def _rows(source: Source, kept: Kept, pages: Collection[str]) -> dict[str, Item]:
    """What lists and sitemaps say of each kept article page, the newest word first."""
    rows: dict[str, Item] = {}
    lists = [each for each in kept.responses if each.kind in {"list", "feed"}][:MOST_DOCUMENTS]
    for _, parsed in _side_by_side(partial(_tried, source, kept), lists):
        found: Sequence[Item] = ()
        if isinstance(parsed, ParsedList):
            found = [row_item(row) for row in parsed.links]
        elif isinstance(parsed, ParsedFeed):
            found = parsed.items
        for row in found:
            rows.setdefault(canonical(row.link or ""), row)
        if rows.keys() >= set(pages):
            break
    return rows


def _tried(source: Source, kept: Kept, response: KeptResponse) -> Parsed | Rejection | None:
    """Read one document; None where its body is not kept, a rejection where it cannot be read."""
    body = kept.body(response)
    if body is None:
        return None
    try:
        return kept.parsers.parse(job_of(source, response, body))
    except IngestError as error:
        return Rejection(subject=response.asked_url, kind=error.kind, message=error.cause)


def _read_part(
    source: Source, rows: Sequence[Item], reach: ReplayReach, pages: Mapping[str, KeptResponse]
) -> Harvest:
    harvest = Harvest()
    try:
        job = job_of(source, pages[canonical(rows[0].link or "")], b"")
        gather_pages(source, rows, job, reach, harvest)
    except Blocked as error:
        harvest.reject(rows[0].link or "", error)
    return harvest


def _parts(rows: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]


def _side_by_side(
    work: Callable[[Given], Made], given: Sequence[Given]
) -> Iterator[tuple[Given, Made]]:
    """Do work on two threads (it waits for parser processes), a little ahead, in the given order."""
    with ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="reread") as pool:
        waiting = iter(given)
        pending = deque((each, pool.submit(work, each)) for each in islice(waiting, AHEAD))
        while pending:
            each, future = pending.popleft()
            made = future.result()
            pending.extend((more, pool.submit(work, more)) for more in islice(waiting, 1))
            yield each, made
