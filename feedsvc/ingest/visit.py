"""A look at a partner that is no source yet: guarded and spaced as in a poll, under no lease."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import replace

from feedsvc.domain.item import Item
from feedsvc.domain.page import Page
from feedsvc.domain.parsed import Parsed, ParsedPage, ParseJob
from feedsvc.domain.source import Source
from feedsvc.errors import FetchError
from feedsvc.fetch.exchange import FetchRequest, FetchResponse
from feedsvc.ingest.options import IngestOptions
from feedsvc.ingest.poller import Gateways
from feedsvc.store import hosts
from feedsvc.text.urls import registrable_domain


class Visit:
    """The `Reach` of one preview. Nothing is kept but each domain's turn."""

    def __init__(self, gateways: Gateways, options: IngestOptions, source: Source) -> None:
        self._gateways = gateways
        self._options = options
        self._source = source
        self._asked = source.url
        self._waiting = threading.Event()
        self.documents: list[ParseJob] = []
        self.confidence: dict[str, dict[str, float]] = {}

    def fetch(self, request: FetchRequest) -> FetchResponse:
        """Wait for this domain's turn and fetch."""
        self._await_turn(request.url)
        if self._source.demo:
            request = replace(request, admit=self._options.demo_endpoint())
        self._asked = request.url
        return self._gateways.fetcher.fetch(request)

    def parse(self, job: ParseJob) -> Parsed:
        """Read one document in a guarded worker, and remember what was read as what."""
        parsed = self._gateways.parsers.parse(job)
        if job.kind != "survey":
            self.documents.append(job)
        if isinstance(parsed, ParsedPage):
            self.confidence[self._asked] = dict(parsed.confidence)
        return parsed

    def known_links(self, links: Sequence[str]) -> set[str]:
        """Nothing is left out for being known: a preview says of each item whether it is."""
        del links
        return set()

    def gave_before(self, items: Sequence[Item]) -> bool:
        """A preview shows what stands in the feed now, not what stood in it once."""
        del items
        return True

    def watched(self, listed: Collection[str] | None, skipped: Collection[str]) -> list[Page]:
        """Nothing is looked at again."""
        del listed, skipped
        return []

    def _await_turn(self, url: str) -> None:
        spacing = self._options.domain_spacing
        if not spacing or self._source.demo:
            return
        domain = registrable_domain(url)
        now = self._gateways.clock()
        with self._gateways.db.write() as session:
            slot = hosts.reserve_slot(session, domain, now, spacing)
        wait = (slot - now).total_seconds()
        if wait > self._options.lease_seconds:
            raise FetchError(url, f"{domain} has a queue of {wait:.0f} s; its turn comes later")
        self._waiting.wait(max(wait, 0.0))
