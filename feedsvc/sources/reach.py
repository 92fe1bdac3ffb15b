"""What a source module may reach: five calls, so that it needs neither settings nor a session."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from feedsvc.domain.item import Item, Repair
from feedsvc.domain.page import Page
from feedsvc.domain.parsed import Parsed, ParsedFeed, ParsedList, ParseJob, Rejection
from feedsvc.domain.source import Source, SourceKind, Trail, Validators
from feedsvc.errors import IngestError
from feedsvc.fetch.exchange import FetchRequest, FetchResponse

NO_VALIDATORS = Validators()


class Reach(Protocol):
    """The outside as one poll sees it: guarded, spaced, and under the poll's lease."""

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """One HTTP exchange; raises `FetchError`."""
        ...

    def parse(self, job: ParseJob) -> Parsed:
        """One document read in a guarded worker; raises `ParseError` or `RulesMismatch`."""
        ...

    def known_links(self, links: Sequence[str]) -> set[str]:
        """Those of the links (canonical form) that this source already gave us."""
        ...

    def gave_before(self, items: Sequence[Item]) -> bool:
        """Whether this source already gave us one of these items."""
        ...

    def watched(self, listed: Collection[str] | None, skipped: Collection[str]) -> list[Page]:
        """The known pages of this source that are to be looked at now (see `store.pages.due`)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one poll brought home.

    `complete` is False while something is still to be fetched; then no validators are kept, so
    that an unchanged list page cannot hide an article page that failed. `discovered` is the source
    as later polls are to take it, where this one had to find out what it is. `rechecked` is what
    pages say that we had already; `looked_at` and `listed` are as in `domain.page.PagesSeen`.
    `list_page` is the list as it was read, `document` the feed and `document_url` where it was; `held_back` says
    that it looked wrong and waits; `failure` why nothing but withdrawals may be taken. `trails` is
    what is left to be read of the feed's past.
    """

    unchanged: bool = False
    items: tuple[Item, ...] = ()
    rechecked: tuple[Item, ...] = ()
    looked_at: tuple[Page, ...] = ()
    listed: Mapping[str, datetime | None] | None = None
    list_page: ParsedList | None = None
    document: ParsedFeed | None = None
    document_url: str = ""
    held_back: bool = False
    failure: IngestError | None = None
    rejections: tuple[Rejection, ...] = ()
    repairs: tuple[Repair, ...] = ()
    complete: bool = True
    validators: Validators = NO_VALIDATORS
    http_status: int | None = None
    wire_bytes: int = 0
    kind: SourceKind = "auto"
    title: str = ""
    discovered: Source | None = None
    trails: tuple[Trail, ...] = ()
